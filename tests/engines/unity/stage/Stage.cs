// Owns the part of the engine in the components' test: calls them as Unity does, frame by frame, in real time.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading;
using EmotionRuntime.Unity;
using UnityEngine;

namespace EmotionRuntime.Stage
{
    /// <summary>Objects that play together; messages are private methods found by name, as Unity finds them.</summary>
    internal sealed class Stage
    {
        private const int FrameMs = 8;
        private readonly List<GameObject> objects = new List<GameObject>();
        private readonly Stopwatch clock = Stopwatch.StartNew();

        public void Add(GameObject each)
        {
            objects.Add(each);
        }

        /// <summary>Play begins: statics are reset as without a domain reload, then everybody is enabled.</summary>
        public void Begin()
        {
            typeof(EmotionSidecar).GetMethod("ResetStatics", BindingFlags.Static | BindingFlags.NonPublic)
                .Invoke(null, null);
            Send("OnEnable");
        }

        public void End()
        {
            Send("OnDisable");
        }

        /// <summary>Frames until something holds; throws after 20 seconds.</summary>
        public void Play(Func<bool> until, string what)
        {
            var patience = Stopwatch.StartNew();
            while (!until())
            {
                float now = (float)clock.Elapsed.TotalSeconds;
                Time.deltaTime = now - Time.time;
                Time.time = now;
                Time.unscaledTime = now;
                Send("Update");
                Send("LateUpdate");
                Send("OnGUI");
                Thread.Sleep(FrameMs);
                if (patience.Elapsed.TotalSeconds > 20)
                {
                    throw new TimeoutException(what);
                }
            }
        }

        public static void Set(Component component, string field, object value)
        {
            component.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic)
                .SetValue(component, value);
        }

        private void Send(string message)
        {
            IEnumerable<Component> all = objects.SelectMany(each => each.Components);
            foreach (Component each in all.OrderBy(component => component is EmotionSidecar ? 0 : 1).ToArray())
            {
                MethodInfo method = each.GetType().GetMethod(
                    message, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
                if (method != null)
                {
                    method.Invoke(each, null);
                }
            }
        }
    }
}
