// Owns the wish for faces of a scene: of everybody, or of those near a character or object.
using UnityEngine;

namespace EmotionRuntime.Unity
{
    /// <summary>Beside the EmotionSidecar: characters then show the faces that come for it.</summary>
    [AddComponentMenu("Emotion Runtime/Emotion Faces")]
    public sealed class EmotionFaces : MonoBehaviour
    {
        [SerializeField] private EmotionSidecar sidecar;
        [Tooltip("VRM's expressions instead of ARKit's 52 blendshapes.")]
        [SerializeField] private bool vrm;
        [Tooltip("A character or object of the scene: only faces within the radius come. Empty: everybody's.")]
        [SerializeField] private string near = "";
        [SerializeField] private float radius = 20f;

        private SidecarClient asked;

        /// <summary>Ask again after changing what is wished for.</summary>
        public void Wish()
        {
            asked = null;
        }

        private void Update()
        {
            if (sidecar == null)
            {
                sidecar = GetComponent<EmotionSidecar>();
            }
            SidecarClient client = sidecar == null ? null : sidecar.Client;
            if (client == null || client == asked)
            {
                return;
            }
            asked = client;
            double metres = near.Length > 0 ? radius : 0;
            client.WantFaces(new FaceWish { Form = vrm ? "vrm" : "arkit52", Near = near, Radius = metres });
        }

        private void OnDisable()
        {
            if (asked != null && asked.Running)
            {
                asked.WantFaces(null);
            }
            asked = null;
        }
    }
}
