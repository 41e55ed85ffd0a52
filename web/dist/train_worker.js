var er=(r,e)=>(e=Symbol[r])?e:Symbol.for("Symbol."+r),tr=r=>{throw TypeError(r)};var _e=(r,e,t)=>{if(e!=null){typeof e!="object"&&typeof e!="function"&&tr("Object expected");var a,o;t&&(a=e[er("asyncDispose")]),a===void 0&&(a=e[er("dispose")],t&&(o=a)),typeof a!="function"&&tr("Object not disposable"),o&&(a=function(){try{o.call(this)}catch(s){return Promise.reject(s)}}),r.push([t,a,e])}else t&&r.push([t]);return e},Le=(r,e,t)=>{var a=typeof SuppressedError=="function"?SuppressedError:function(n,i,l,u){return u=Error(l),u.name="SuppressedError",u.error=n,u.suppressed=i,u},o=n=>e=t?new a(n,e,"An error was suppressed during disposal"):(t=!0,n),s=n=>{for(;n=r.pop();)try{var i=n[1]&&n[1].call(n[2]);if(n[0])return Promise.resolve(i).then(s,l=>(o(l),s()))}catch(l){o(l)}if(t)throw e};return s()};var E=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var rr="0.1.0";var de=class{#e;constructor(...e){let t=2654435769;this.#e=new Uint32Array(4);let a=e.flatMap(o=>[o>>>0,Math.floor(o/2**32)>>>0]);for(let o of a)t=ar(t^o);for(let o=0;o<4;o++)this.#e[o]=t=ar(t+2654435769>>>0);this.#e[0]|=1}uint32(){let e=this.#e,t=Math.imul(e[1],5),a=Math.imul(t<<7|t>>>25,9)>>>0,o=e[1]<<9;return e[2]^=e[0],e[3]^=e[1],e[1]^=e[2],e[0]^=e[3],e[2]^=o,e[3]=e[3]<<11|e[3]>>>21,a}uniform(){return this.uint32()/2**32}between(e,t){return e+(t-e)*this.uniform()}below(e){return Math.floor(this.uniform()*e)}normal(){return Math.sqrt(-2*Math.log(1-this.uniform()))*Math.cos(2*Math.PI*this.uniform())}shuffled(e){let t=[...e];for(let a=t.length-1;a>0;a--){let o=this.below(a+1);[t[a],t[o]]=[t[o],t[a]]}return t}};function ar(r){let e=Math.imul(r^r>>>16,2246822507);return e=Math.imul(e^e>>>13,3266489909),(e^e>>>16)>>>0}function B(r){return r.reduce((e,t)=>e*t,1)}function C(r){return Math.ceil(r/4)*4}function P(r){return r.join("×")}function pe(r,e){return Math.ceil(r/e)}function ft(r,e){if(e===1)return 0;let t=2*(e-1),a=(r%t+t)%t;return a<e?a:t-a}function $e(r,e,t,a){let o=new Uint8Array(a.width*a.height*3),s=a.left>=0&&a.left+a.width<=e;for(let n=0;n<a.height;n++){let i=ft(a.top+n,t)*e*3,l=n*a.width*3;if(s){o.set(r.subarray(i+a.left*3,i+(a.left+a.width)*3),l);continue}for(let u=0;u<a.width;u++){let c=i+ft(a.left+u,e)*3;for(let d=0;d<3;d++)o[l+u*3+d]=r[c+d]}}return o}function ke(r,e,t,a,o){let{rgb:s,width:n,left:i,top:l}=a,[u,c]=o&4?[n*3,3]:[3,n*3],d=o&1?-u:u,p=o&2?-c:c,f=(l*n+i)*3+(o&1?u*(t-1):0)+(o&2?c*(t-1):0),m=e;for(let h=0;h<t;h++){let g=f+h*p;for(let b=0;b<t;b++,g+=d,m+=3)r[m]=s[g]/255,r[m+1]=s[g+1]/255,r[m+2]=s[g+2]/255}}function ht(r){let e=Math.ceil(3*r),t=new Float64Array(e+1),a=0;for(let o=0;o<=e;o++)t[o]=o===0?1:Math.exp(-(o*o)/(2*r*r)),a+=o===0?t[o]:2*t[o];return t.map(o=>o/a)}function se(r,e,t,a){let o=ht(a),s=o.length-1;if(s===0)return;let n=e*3,i=new Float32Array(n+s*6);for(let u=0;u<t;u++){let c=u*n,d=c+n-3;i.set(r.subarray(c,c+n),s*3);for(let p=0;p<s*3;p++)i[p]=r[c+p%3],i[s*3+n+p]=r[d+p%3];for(let p=0;p<n;p++){let f=p+s*3,m=o[0]*i[f];for(let h=1;h<=s;h++)m+=o[h]*(i[f-3*h]+i[f+3*h]);r[c+p]=m}}let l=r.slice();for(let u=0;u<t;u++){let c=u*n;for(let d=0;d<n;d++)r[c+d]=o[0]*l[c+d];for(let d=1;d<=s;d++){let p=Math.max(u-d,0)*n,f=Math.min(u+d,t-1)*n,m=o[d];for(let h=0;h<n;h++)r[c+h]+=m*(l[p+h]+l[f+h])}}}function We(r,e,t){let a=(r&1)===t.x,o=(e&1)===t.y;return a===o?o?0:2:1}function or(r,e,t,a,o){let s=e+4,n=jo(r,e,t,s),i=new Float32Array(e*t*3);for(let l=0;l<t;l++)for(let u=0;u<e;u++){let c=(l+2)*s+u+2,d=n[c],p=n[c-1]+n[c+1],f=n[c-s]+n[c+s],m=n[c-s-1]+n[c-s+1]+n[c+s-1]+n[c+s+1],h=n[c-2]+n[c+2],g=n[c-2*s]+n[c+2*s],b=(l*e+u)*3,v=We(u,l,a);if(i[b+v]=d,v===1){let _=d-(m+h-g/2)/5,R=d-(m+g-h/2)/5,y=(l&1)===a.y?0:2;i[b+y]=p/2+o*5/8*_,i[b+2-y]=f/2+o*5/8*R}else{let _=d-(h+g)/4;i[b+1]=(p+f)/4+o/2*_,i[b+2-v]=m/4+o*3/4*_}}return i}function jo(r,e,t,a){let o=(n,i)=>{let l=n<0?-n:n>=i?2*(i-1)-n:n;return Math.min(Math.max(l,0),i-1)},s=new Float32Array(a*(t+4));for(let n=0;n<t+4;n++){let i=o(n-2,t)*e;for(let l=0;l<a;l++)s[n*a+l]=r[i+o(l-2,e)]}return s}function Io(r,e,t,a,o,s){for(let n=s;n<=19;n++){let i=Go(r,e,t,a,o,n);if(i.length>0)return i}return[]}function sr(r,e,t,a,o,s){let n=Io(e,t,a,o,s,2);if(n.length===0)return;let i=0,[l,u,c]=[0,0,0];for(let{at:d,squaredDistance:p}of n){let f=p**-3;i+=f,l+=f*r[d],u+=f*r[d+1],c+=f*r[d+2]}return[l/i,u/i,c/i]}function Go(r,e,t,a,o,s){let n=[];for(let i=Math.max(0,o-s);i<=Math.min(t-1,o+s);i++)for(let l=Math.max(0,a-s);l<=Math.min(e-1,a+s);l++){let u=i*e+l;r[u]||n.push({at:u*3,squaredDistance:(i-o)**2+(l-a)**2})}return n}var me=65536,gt;function Bo(){if(gt)return gt;let r=new Float32Array(me),e=0;for(let a=0;a<me/2;a++){let o=Lo((a+.5)/me);e+=2*o*o,r[a]=o}let t=Math.sqrt(me/e);for(let a=0;a<me/2;a++)r[a]*=t,r[me-1-a]=-r[a];return gt=r}function Lo(r){if(r<.02425){let a=Math.sqrt(-2*Math.log(r));return(((((-.007784894002430293*a-.3223964580411365)*a-2.400758277161838)*a-2.549732539343734)*a+4.374664141464968)*a+2.938163982698783)/((((.007784695709041462*a+.3224671290700398)*a+2.445134137142996)*a+3.754408661907416)*a+1)}let e=r-.5,t=e*e;return(((((-39.69683028665376*t+220.9460984245205)*t-275.9285104469687)*t+138.357751867269)*t-30.66479806614716)*t+2.506628277459239)*e/(((((-54.47609879822406*t+161.5858368580409)*t-155.6989798598866)*t+66.80131188771972)*t-13.28068155288572)*t+1)}function ne(r,e,t){if(e===0)return;let a=Bo();for(let o=0;o<r.length;o+=2){let s=t.uint32();r[o]+=e*a[s&65535],o+1<r.length&&(r[o+1]+=e*a[s>>>16])}}function nr(r,e,t){let a=new Float32Array(r.length/3);ne(a,e,t);for(let o=0;o<r.length;o++)r[o]+=a[Math.floor(o/3)]}var ir=4;function lr(r,e,t,a,o){if(a===0)return;let s=o.between(.4,1.2),n=o.uniform(),i=new Float32Array(r.length),l=new Float32Array(e*t);ne(i,1,o),ne(l,1,o);for(let d=0;d<i.length;d++)i[d]=Math.sqrt(n)*l[Math.floor(d/3)]+Math.sqrt(1-n)*i[d];se(i,e,t,s);let c=ht(s).reduce((d,p,f)=>d+(f===0?1:2)*p*p,0);for(let d=0;d<r.length;d++)r[d]+=a/c*i[d]}function wt(r,e,t,a){let o=e*4294967296,s=o/2;for(let n=0;n<r.length;n+=a){let i=t.uint32();i<o&&r.fill(i<s?0:255,n,n+a)}}var cr=4;function ur(r,e,t,a,o){let s=new Uint8Array(e*t);for(let n=0;n<s.length;n++)s[n]=o.uint32()<a*2**32?1:0;for(let n=0;n<t;n++)for(let i=0;i<e;i++){if(!s[n*e+i])continue;let l=sr(r,s,e,t,i,n);l&&r.set(l,(n*e+i)*3)}}var[dr,pr]=[.8,1.5],Ke=2+Math.ceil(3*(dr+pr)),Wo=128/255;function Ko(r){let e={x:r.uniform()<.5?0:1,y:r.uniform()<.5?0:1},t=[r.between(1.2,2.4),1,r.between(1.2,2.2)],a=r.uniform(),o=(d,p)=>d.map((f,m)=>a*f+(1-a)*(m===p?1:0)),s=[o([1.7,-.5,-.2],0),o([-.25,1.55,-.3],1),o([0,-.55,1.55],2)],[n,i]=[r.uniform(),.3*r.uniform()**2],l=r.between(0,dr),u=l+r.between(0,pr),c=r.between(.2,.8);return{phase:e,gains:t,matrix:s,correction:n,readShare:i,lumaBlur:l,chromaBlur:u,contrast:c,middle:gr(Wo,c)}}function mr(r,e,t,a,o){if(a===0)return;let s=Ko(o),{contrast:n,middle:i}=s,l=r.map(f=>gr(Math.min(Math.max(f/255,0),1),n)),u=new Float32Array(e*t);ne(u,1,o);for(let f=0;f<t;f++)for(let m=0;m<e;m++){let h=f*e+m,g=We(m,f,s.phase);u[h]*=fr(l[h*3+g],s.gains[g],s)}let c=hr(u,e,t,s),d=(bt(i+1e-4,n)-bt(i-1e-4,n))/2e-4,p=a/255/d/Math.sqrt(Fo(s));for(let f=0;f<r.length;f++)r[f]=255*bt(Math.min(Math.max(l[f]+p*c[f],0),1),n)}function fr(r,e,{readShare:t,middle:a}){return Math.sqrt((1-t)*e*r/a+t*e*e)}function hr(r,e,t,a){let o=or(r,e,t,a.phase,a.correction),s=new Float32Array(o.length),[[n,i,l],[u,c,d],[p,f,m]]=a.matrix;for(let h=0;h<o.length;h+=3){let[g,b,v]=[o[h],o[h+1],o[h+2]],_=n*g+i*b+l*v,R=u*g+c*b+d*v,y=p*g+f*b+m*v,S=.2126*_+.7152*R+.0722*y;s.fill(S,h,h+3),o[h]=_-S,o[h+1]=R-S,o[h+2]=y-S}return se(s,e,t,a.lumaBlur),se(o,e,t,a.chromaBlur),s.map((h,g)=>h+o[g])}function Fo(r){let e=2*(2*Ke+2),t=new Float32Array(e*e);for(let[a,o]of[[0,0],[0,1],[1,0],[1,1]]){let[s,n]=[a,o].map(l=>l*e/2+Ke+l),i=r.gains[We(s,n,r.phase)];t[n*e+s]=fr(r.middle,i,r)}return hr(t,e,e,r).reduce((a,o)=>a+o*o,0)/12}function bt(r,e){let t=r<=.0031308?r*12.92:1.055*r**.4166666666666667-.055;return t+e*t*(t*(3-2*t)-1)}function gr(r,e){let t=r;for(let a=0;a<5;a++){let o=t+e*t*(t*(3-2*t)-1)-r;t-=o/(1-e+6*e*t*(1-t))}return t<=.04045?t/12.92:((t+.055)/1.055)**2.4}async function wr(r,e,t,a){let{OffscreenCanvas:o}=globalThis,s=o&&new o(e,t),n=s?.getContext("2d",{willReadFrequently:!0});if(!s||!n)throw new E("Cannot degrade through JPEG: no codec was given, and there is no canvas to do it");let i=new Uint8ClampedArray(e*t*4).fill(255);for(let p=0,f=0;p<r.length;p+=3,f+=4)i[f]=r[p],i[f+1]=r[p+1],i[f+2]=r[p+2];n.putImageData(new ImageData(i,e,t),0,0);let l=await s.convertToBlob({type:"image/jpeg",quality:a/100}),u=await createImageBitmap(l,{colorSpaceConversion:"none"});n.drawImage(u,0,0),u.close();let{data:c}=n.getImageData(0,0,e,t),d=new Uint8Array(e*t*3);for(let p=0,f=0;f<d.length;p+=4,f+=3)d[f]=c[p],d[f+1]=c[p+1],d[f+2]=c[p+2];return d}function Do(r){let e=Math.abs(r);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function br(r,e){let t=r/e,a=Math.max(t,1),o=Math.ceil(4*a)+1,s=new Int32Array(e*o),n=new Float64Array(e*o);for(let i=0;i<e;i++){let l=(i+.5)*t-.5,u=Math.ceil(l-2*a),c=0;for(let d=0;d<o;d++){let p=Do((u+d-l)/a);s[i*o+d]=zo(u+d,r),n[i*o+d]=p,c+=p}for(let d=0;d<o;d++)n[i*o+d]/=c}return{positions:s,weights:n,count:o}}function zo(r,e){let t=2*e,a=(r%t+t)%t;return a<e?a:t-1-a}function Fe(r,e,t,a,o,s=3){let n=br(e,a),i=new Float32Array(t*a*s);for(let d=0;d<t;d++){let p=d*e;for(let f=0;f<a;f++){let m=(d*a+f)*s;for(let h=0;h<s;h++){let g=0;for(let b=f*n.count,v=b+n.count;b<v;b++)g+=n.weights[b]*r[(p+n.positions[b])*s+h];i[m+h]=g}}}let l=br(t,o),u=new Float32Array(o*a*s),c=a*s;for(let d=0;d<o;d++)for(let p=d*l.count,f=p+l.count;p<f;p++){let m=l.positions[p]*c,h=l.weights[p];for(let g=0,b=d*c;g<c;g++)u[b+g]+=h*i[m+g]}return u}async function yr(r,e,t,a,o,s=wr){if(r.length!==e*t*3)throw new RangeError(`Cannot degrade: ${r.length} samples are not ${e}×${t} RGB pixels`);if(a.length===0)return r.slice();let n=Float32Array.from(r),[i,l]=[e,t];for(let{name:u,strength:c}of a)if(u==="blur")se(n,i,l,c);else if(u==="gaussian")ne(n,c,o);else if(u==="gaussian-grey")nr(n,c,o);else if(u==="grain")lr(n,i,l,c,o);else if(u==="camera")mr(n,i,l,c,o);else if(u==="salt-pepper")wt(n,c,o,3);else if(u==="salt-pepper-channels")wt(n,c,o,1);else if(u==="filled")ur(n,i,l,c,o);else if(u==="jpeg")n=Float32Array.from(await s(vr(n),i,l,c));else if(u==="downscale")n=qo(n,i,l,c);else{if(i%c||l%c)throw new RangeError(`Cannot shrink ${i}×${l} by ${c}`);n=Fe(n,i,l,i/c,l/c),[i,l]=[i/c,l/c]}return vr(n)}function xr(r){let e=0,t=1;for(let{name:a,strength:o}of r)a==="blur"?e+=t*Math.ceil(3*o):a==="grain"?e+=t*ir:a==="camera"?e+=t*Ke:a==="filled"?e+=t*cr:a==="jpeg"?e+=t*16:a==="downscale"&&o>1?e+=t*Math.ceil(4*o):a==="shrink"&&(e+=t*2*o,t*=o);return Math.ceil(e/t)*t}function vr(r){return new Uint8Array(Uint8ClampedArray.from(r).buffer)}function qo(r,e,t,a){let o=Math.max(1,Math.round(e/a)),s=Math.max(1,Math.round(t/a)),n=Fe(r,e,t,o,s);return Fe(n,o,s,e,t)}var Ho=2,Vo=20,Se=class{#e;#r;#t;#a;constructor(e,t){let{patch:a,batch:o}=t;if(!(Number.isInteger(a)&&a>0&&Number.isInteger(o)&&o>0))throw new RangeError(`Cannot cut patches: ${o} of ${a} pixels is not a batch`);if(!t.recipe&&!e.paired)throw new E("Plain photos need a degradation recipe: give one, e.g. --degrade photo");if(this.#e=e,this.#r=t,this.#t=t.indices??e.photos.map((n,i)=>i),this.#t.length===0)throw new E("There is no photo to cut patches from: give more photos");let s=0;this.#a=Float64Array.from(this.#t,n=>{let{width:i,height:l}=e.photos[n];return s+=i*l})}async batch(e){let{batch:t,patch:a}=this.#r,o=new Float32Array(t*a*a*3),s=new Float32Array(o.length*(this.#r.recipe?.scale??1)**2),n=Array.from({length:t},(l,u)=>this.#o(e,u,o,s)),i=(await Promise.allSettled(n)).find(({status:l})=>l==="rejected");if(i)throw i.reason;return{input:o,target:s}}async#o(e,t,a,o){let{seed:s,batch:n,patch:i,recipe:l,jpeg:u,onto:c="high",augment:d=!0}=this.#r,p=l?.scale??1,f=i*p,m=new de(s,e,t),{index:h,high:g,low:b}=await this.#s(m,e*n+t),{width:v,height:_}=this.#e.photos[h],y=Array.from({length:d?Ho:1},()=>({left:p*m.below(Math.floor(Math.max(v-f,0)/p)+1),top:p*m.below(Math.floor(Math.max(_-f,0)/p)+1)})),{left:S,top:A}=Yo(g,v,_,f,y),w=d?m.below(8):0,k=t*i*i*3;if(!l){let xe=No=>$e(No,v,_,{left:S,top:A,width:i,height:i});ke(a,k,i,{rgb:xe(b),width:i,left:0,top:0},w),ke(o,k,i,{rgb:xe(g),width:i,left:0,top:0},w);return}let T=l.sample(m),O=xr(T),G=Xo(T,p,O,m),[K,H]=[G(S),G(A)],Y=xe=>Math.max(xe-xe%p,f),D=Math.min(S+f+O,Y(v)),V=Math.min(A+f+O,Y(_)),ue={left:K,top:H,width:D-K,height:V-H},Zt=$e(g,v,_,ue),Co=c==="low"&&b?$e(b,v,_,ue):Zt,Uo=await yr(Co,ue.width,ue.height,T,m,u),mt={left:S-K,top:A-H};ke(o,k*p**2,f,{rgb:Zt,width:ue.width,...mt},w);let Mo={width:ue.width/p,left:mt.left/p,top:mt.top/p};ke(a,k,i,{rgb:Uo,...Mo},w)}async#s(e,t){for(let a=0;;a++){let o=this.#r.choose==="each"?(t+a)%this.#t.length:this.#n(e.uniform()),s=this.#t[o];try{return{index:s,...await this.#e.load(s)}}catch(n){if(!(n instanceof E)||a===Vo)throw n}}}#n(e){let t=e*this.#a[this.#a.length-1],a=0,o=this.#a.length-1;for(;a<o;){let s=a+o>>1;this.#a[s]>t?o=s:a=s+1}return a}},_r=16,Jo=.75;function Xo(r,e,t,a){if(!r.some(({name:n})=>n==="jpeg"))return n=>Math.max(n-t,0);let o=_r*e,s=a.uniform()<Jo;return n=>{let i=s?t%o:e*a.below(_r);return Math.max(n-t+i,s?n%o:0)}}function Yo(r,e,t,a,o){let s=({left:i,top:l})=>{let u=0;for(let c=l;c<Math.min(l+a,t);c+=4)for(let d=i;d+1<Math.min(i+a,e);d+=4){let p=(c*e+d)*3+1;u+=Math.abs(r[p]-r[p+3])}return u},n=o.map(s);return o[n.indexOf(Math.max(...n))]}var Qo=2**40;function kr(r,e){let{count:t,size:a,seed:o,indices:s,recipe:n,jpeg:i,onto:l}=e;return new Se(r,{patch:a,batch:t,seed:o,indices:s,recipe:n,jpeg:i,onto:l,augment:!1,choose:"each"}).batch(Qo)}function Sr(r,e,t){if(!(e>=0&&e<1))throw new RangeError(`Cannot split: the held-out share must be in 0..1, got ${e}`);let a=r.map((l,u)=>u);if(e===0)return{train:a,validation:[]};if(r.length<=1)return{train:a,validation:a};let o=Math.min(Math.max(Math.round(e*r.length),1),r.length-1),s=r.map(({name:l})=>Zo(l,t)),n=a.toSorted((l,u)=>s[l]-s[u]||l-u),i=new Set(n.slice(0,o));return{train:a.filter(l=>!i.has(l)),validation:a.filter(l=>i.has(l))}}function Zo(r,e){let t=2166136261^e;for(let a=0;a<r.length;a++)t=Math.imul(t^r.charCodeAt(a),16777619);return t=Math.imul(t^t>>>16,2246822507),t=Math.imul(t^t>>>13,3266489909),(t^t>>>16)>>>0}var yt={blur:{low:0,high:20,meaning:"sigma in pixels",example:"blur:0.5-2"},gaussian:{low:0,high:255,meaning:"sigma of the noise",example:"gaussian:25"},"gaussian-grey":{low:0,high:255,meaning:"sigma of noise without colour",example:"gaussian-grey:15"},grain:{low:0,high:255,meaning:"sigma of coarse noise",example:"grain:10"},camera:{low:0,high:255,meaning:"sigma of a camera's noise at mid-grey",example:"camera:10"},"salt-pepper":{low:0,high:1,meaning:"share of the pixels",example:"salt-pepper:0.01"},"salt-pepper-channels":{low:0,high:1,meaning:"share of each channel's values",example:"salt-pepper-channels:0.01"},filled:{low:0,high:1,meaning:"share of the pixels, filled from their neighbours",example:"filled:0.3"},jpeg:{low:1,high:100,meaning:"quality",example:"jpeg:30-90"},downscale:{low:1,high:16,meaning:"factor",example:"downscale:2"},shrink:{low:2,high:4,meaning:"whole factor, the photo stays small",example:"shrink:2"}},De={none:"none",trial1:"none",trial2:"blur:1-2",trial3:"salt-pepper:0.02,blur:2-3",trial4:"salt-pepper:0-0.01,blur:0.5-1.5 | blur:0.5-1.5,salt-pepper:0-0.02 | mix(blur:0.5-1.5,salt-pepper:0-0.02,gaussian:0-15)",photo:"6*mix(blur:0-2*5,gaussian:0-40*4,gaussian-grey:0-30*2,grain:0-20*3,camera:0-20*3,salt-pepper:0-0.1,jpeg:15-100*6) | 2*gaussian:10-30 | grain:5-25 | 2*camera:1-20 | camera:1-15,jpeg:75-100 | 2*jpeg:15-70 | salt-pepper:0-0.4 | 2*blur:0-2,salt-pepper:0-0.3 | blur:0-2,filled:0-0.4 | 3*salt-pepper:0-0.03,blur:0.5-2 | salt-pepper:0.03-0.35,blur:0.5-2 | 2*blur:0-2,salt-pepper:0-0.1,jpeg:60-100 | none",impulse:"3*salt-pepper:0-0.05 | 4*salt-pepper:0.05-0.6"},es=.1,ts=.2,rs=.75;function Rr(r){let e=r.trim(),a=(Object.hasOwn(De,e)?De[e]:e).split("|").map(i=>as(i.trim(),r)),o=os(a.map(({items:i})=>i),r),s=a.reduce((i,{weight:l})=>i+l,0),n=a.map(({weight:i,items:l})=>`${i===1?"":`${Re(i)}*`}${is(l)}`).join(" | ");return{name:Object.hasOwn(De,e)?e:n,text:n,scale:o,sample:i=>{let l=a.length>1?i.uniform()*s:0,{items:u}=a.find(({weight:c})=>(l-=c)<0)??a[a.length-1];return u.flatMap(c=>"mix"in c?ss(c.mix,i):Tr(c.step,i))}}}function as(r,e){let t=r.match(/^(\d*\.?\d+)\s*\*\s*(.*)$/),a=t?Number(t[1]):1;if(a===0)throw J(e,`'${r}' has the weight 0`);let o=t?t[2]:r;return{weight:a,items:o==="none"?[]:Ar(o,e).map(s=>ns(s,e))}}function os(r,e){let t=r.map(a=>a.reduce((o,s)=>{if("mix"in s){if(s.mix.some(({name:u})=>u==="shrink"))throw J(e,"a mix cannot shrink the photo");return o}let{name:n,low:i,high:l}=s.step;if(n!=="shrink")return o;if(i!==l||!Number.isInteger(i))throw J(e,"shrink takes one whole factor");return o*i},1));if(new Set(t).size>1)throw J(e,"its alternatives shrink the photo differently");return t[0]}function Tr({name:r,low:e,high:t},a){let o=a.between(e,t);return{name:r,strength:r==="jpeg"?Math.round(o):o}}function ss(r,e){if(e.uniform()<es)return[];let t=e.uniform()*r.reduce((i,{weight:l})=>i+l,0),a=r.findIndex(({weight:i})=>(t-=i)<0),o=a<0?r.length-1:a,s=e.shuffled(r.filter((i,l)=>l===o||e.uniform()<ts)),n=s.findIndex(i=>i.name==="jpeg");return n>=0&&e.uniform()<rs&&s.push(...s.splice(n,1)),s.map(i=>Tr(i,e))}function Ar(r,e){let t=r.match(/(?:[^,()]|\([^()]*\))+/g)??[];if(r.trim()==="")throw J(e,"it is empty or has an empty mix");if(t.join(",")!==r)throw J(e,"a comma or a bracket is misplaced");return t.map(a=>a.trim())}function ns(r,e){let t=r.match(/^mix\((.*)\)$/);return t?{mix:Ar(t[1],e).map(a=>{let o=a.match(/^(.*?)\s*\*\s*(\d*\.?\d+)$/);if(!o)return vt(a,e);let s=Number(o[2]);if(s===0)throw J(e,`'${a}' has the weight 0`);return{...vt(o[1],e),weight:s}})}:{step:vt(r,e)}}function vt(r,e){let t=r.match(/^([a-z-]+)\s*:\s*(\d*\.?\d+)(?:\s*-\s*(\d*\.?\d+))?$/);if(!t)throw J(e,`'${r}' is not NAME:STRENGTH or NAME:LOW-HIGH`);let[,a,o,s=o]=t;if(!Object.hasOwn(yt,a))throw J(e,`there is no step '${a}'`);let n=yt[a],i=Number(o),l=Number(s);if(i>l)throw J(e,`'${r}' has its range the wrong way round`);if(i<n.low||l>n.high)throw J(e,`'${r}' is outside ${n.low}..${n.high} (${n.meaning})`);return{name:a,low:i,high:l,weight:1}}function is(r){let e=({name:t,low:a,high:o,weight:s})=>`${t}:${a===o?Re(a):`${Re(a)}-${Re(o)}`}${s===1?"":`*${Re(s)}`}`;return r.map(t=>"mix"in t?`mix(${t.mix.map(e).join(",")})`:e(t.step)).join(",")||"none"}function Re(r){return String(r).includes("e")?r.toFixed(20).replace(/\.?0+$/,""):String(r)}function J(r,e){let t=Object.values(yt).map(({example:a,meaning:o,low:s,high:n})=>`${a} (${o}, ${s}..${n})`);return new E(`Cannot read the degradation recipe '${r}': ${e}; steps are ${t.join(", ")}, joined by commas, as mix(...) or as alternatives parted by |; presets are ${Object.keys(De).join(", ")}`,{exitCode:2})}var xt="shader-f16",_t="subgroups";var ls=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function cs(r){let e=/llvmpipe \(LLVM (\d+)/i.exec(r);return e?Number(e[1]):void 0}function us(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Or(){us();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:o}=r.info,s=e||t||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:s,vendor:a,architecture:o,software:ls.test(`${s} ${a} ${o}`),llvm:cs(s),features:[...r.features].sort()}}}function Pr({info:r}){return r.subgroupMinSize===r.subgroupMaxSize?r.subgroupMinSize:void 0}var x=class extends Error{name="GpuError"},q=class extends x{name="GpuOutOfMemoryError"},ie=class extends x{name="GpuLostError"};var kt={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: all parameters, those of a job are job.count vec4 f32 from vec4 job.first on; norm: ‖g‖² in x.
// An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let gradient = g[index] * clip_scale(norm[0].x, now.max_norm);
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4s, each tensor of f32 or f16, summed in f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = to_result4(vec4f(a[index]) + vec4f(b[index]));
}
`,add_at_extremes:`// Correction of extremes: y = base + r where x is extreme (extremes.wgsl), else y = base; over vec4s of f32; r may be f16.
// An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> base: array<vec4f>;
@group(0) @binding(3) var<storage, read> r: array<correction4>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let known = base[index];
  y[index] = select(known, known + vec4f(r[index]), extremes_of(index));
}
`,add_at_extremes_grad:`// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x is extreme (extremes.wgsl), else 0; over vec4s, x of f32,
// the others of f32 or f16, each its own;
// added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dr: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = select(vec4f(0.0), vec4f(dy[index]) * activation_slope(vec4f(activated[index])), extremes_of(index));
  if (params.accumulate != 0) { gradient += vec4f(dr[index]); }
  dr[index] = to_result4(gradient);
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4s of f32 or f16, each its own;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = vec4f(dy[index]) * activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,add_grad_in_place:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy takes the place of dy, which nobody needs
// any more, and db = activation_slope(b) * dy is added to what db holds when params.accumulate is set. Elementwise over vec4s of f32 or f16, each
// its own; an
// invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> dy: array<gradient4>;
@group(0) @binding(4) var<storage, read_write> db: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = vec4f(dy[index]);
  dy[index] = to_gradient4(gradient * slope_as(vec4f(a[index]), params.activation_a));
  var to_b = gradient * slope_as(vec4f(b[index]), params.activation_b);
  if (params.accumulate != 0) { to_b += vec4f(db[index]); }
  db[index] = to_result4(to_b);
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32 or f16, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  var pixel = slice * params.slice_pixels;
  loop {
    sum += vec4f(dy[pixel * params.out4 + o]);
    pixel++;
    if (pixel >= end) { break; }
  }
  partials[index] = sum;
}
`,conv2d_body8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says, by tiles of 8×4 pixels: all of conv2d_tile8x4 and conv2d_subgroup8x4 but where
// weights come from. Included behind conv2d_tile.wgsl and conv2d_kernel9.wgsl.
// An invocation owns 8×4 pixels by 4·OUTPUTS4 outputs (4, 8 or 16: one, two or four vec4s; 16 are two blocks of weights): up to 128 vec4
// accumulators, no barrier, no workgroup memory. On a software adapter a load of a vec4 costs as much as twenty multiply-adds of one, from
// a storage buffer twice that: so the tile is large, every pixel and weight is loaded once for each four inputs, and the sums spill to
// the stack, which is cheap. A compiler that takes long over straight code (SwiftShader's: minutes) is better served by conv2d_tile8.

// Four rows of eight pixels, four channels.
struct Tile {
  r0: Sums,
  r1: Sums,
  r2: Sums,
  r3: Sums,
}

fn filled(value: vec4f) -> Tile { return Tile(eight(value), eight(value), eight(value), eight(value)); }

// Adds what each of the six rows of pixels that a tile meets gives to it.
fn add0(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(first_row(s.r0, v, k), s.r1, s.r2, s.r3); }
fn add1(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(second_row(s.r0, v, k), first_row(s.r1, v, k), s.r2, s.r3); }
fn add2(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(third_row(s.r0, v, k), second_row(s.r1, v, k), first_row(s.r2, v, k), s.r3);
}
fn add3(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(s.r0, third_row(s.r1, v, k), second_row(s.r2, v, k), first_row(s.r3, v, k));
}
fn add4(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, third_row(s.r2, v, k), second_row(s.r3, v, k)); }
fn add5(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, s.r2, third_row(s.r3, v, k)); }

// What y holds, to add to, from the tile's first pixel on; \`below\` rows are inside of the image. What is outside reads inside, and is not stored.
fn tile_loaded(at: i32, row: i32, below: i32, last: i32) -> Tile {
  return Tile(
    loaded(at, last),
    loaded(at + min(1, below) * row, last),
    loaded(at + min(2, below) * row, last),
    loaded(at + min(3, below) * row, last),
  );
}

fn tile_store(at: i32, row: i32, below: i32, last: i32, s: Tile) {
  store(at, last, s.r0);
  if (below >= 1) { store(at + row, last, s.r1); }
  if (below >= 2) { store(at + 2 * row, last, s.r2); }
  if (below >= 3) { store(at + 3 * row, last, s.r3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  let lane = i32(local % 8u);
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  // Of four outputs, the first half of a block; of sixteen, two blocks.
  let block = at_place.block * ((OUTPUTS4 + 1) / 2) * params.block_vec4s;
  let out = params.first_block * 2 + at_place.block * OUTPUTS4;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = filled(w[bias]);
  var s1 = filled(w[bias + 1]);
  var s2 = filled(w[bias + params.block_vec4s]);
  var s3 = filled(w[bias + params.block_vec4s + 1]);
  if (MODE == 2u) {
    let more = params.out4 - 1 - out;
    s0 = tile_loaded(at, row, below, last);
    if (OUTPUTS4 > 1) { s1 = tile_loaded(at + min(1, more), row, below, last); }
    if (OUTPUTS4 > 2) {
      s2 = tile_loaded(at + min(2, more), row, below, last);
      s3 = tile_loaded(at + min(3, more), row, below, last);
    }
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let first = block + c * 8;
    // What is not used is not loaded.
    let k0 = first_outputs(first, step, lane);
    let k1 = last_outputs(first, step, lane);
    let k2 = first_outputs(first + params.block_vec4s, step, lane);
    let k3 = last_outputs(first + params.block_vec4s, step, lane);
    let v0 = pixels(n, y0 - 1, x0, c);
    s0 = add0(s0, v0, k0);
    if (OUTPUTS4 > 1) { s1 = add0(s1, v0, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add0(s2, v0, k2);
      s3 = add0(s3, v0, k3);
    }
    let v1 = pixels(n, y0, x0, c);
    s0 = add1(s0, v1, k0);
    if (OUTPUTS4 > 1) { s1 = add1(s1, v1, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add1(s2, v1, k2);
      s3 = add1(s3, v1, k3);
    }
    let v2 = pixels(n, y0 + 1, x0, c);
    s0 = add2(s0, v2, k0);
    if (OUTPUTS4 > 1) { s1 = add2(s1, v2, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add2(s2, v2, k2);
      s3 = add2(s3, v2, k3);
    }
    let v3 = pixels(n, y0 + 2, x0, c);
    s0 = add3(s0, v3, k0);
    if (OUTPUTS4 > 1) { s1 = add3(s1, v3, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add3(s2, v3, k2);
      s3 = add3(s3, v3, k3);
    }
    let v4 = pixels(n, y0 + 3, x0, c);
    s0 = add4(s0, v4, k0);
    if (OUTPUTS4 > 1) { s1 = add4(s1, v4, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add4(s2, v4, k2);
      s3 = add4(s3, v4, k3);
    }
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add5(s0, v5, k0);
    if (OUTPUTS4 > 1) { s1 = add5(s1, v5, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add5(s2, v5, k2);
      s3 = add5(s3, v5, k3);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  // Not before: lanes that have no tile of their own share their loads with those that have.
  if (!at_place.inside) { return; }
  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)]; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// All are f32 or f16, added up in f32: where products are f16 (CHUNK not 0), their sums over CHUNK fetches of k are added to f32 ones.
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> tile4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: tile4;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = tile4(a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)]);
  } else {
    v = tile4(b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)]);
  }
  return select(tile4(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(
    tile4(w[at]),
    tile4(w[at + params.out4]),
    tile4(w[at + 2 * params.out4]),
    tile4(w[at + 3 * params.out4]),
  );
  return Four(
    select(tile4(), v.v0, inside),
    select(tile4(), v.v1, inside),
    select(tile4(), v.v2, inside),
    select(tile4(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  } else {
    y[at] = to_result4(value);
  }
}

// The sums of an invocation in f32.
struct Totals {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

fn added(t: Totals, s: Sums) -> Totals {
  return Totals(
    t.s0 + vec4f(s.s0),
    t.s1 + vec4f(s.s1),
    t.s2 + vec4f(s.s2),
    t.s3 + vec4f(s.s3),
    t.s4 + vec4f(s.s4),
    t.s5 + vec4f(s.s5),
    t.s6 + vec4f(s.s6),
    t.s7 + vec4f(s.s7),
    t.t0 + vec4f(s.t0),
    t.t1 + vec4f(s.t1),
    t.t2 + vec4f(s.t2),
    t.t3 + vec4f(s.t3),
    t.t4 + vec4f(s.t4),
    t.t5 + vec4f(s.t5),
    t.t6 + vec4f(s.t6),
    t.t7 + vec4f(s.t7),
  );
}

// Four pixels of a row, four channels.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Pixels) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var b0 = vec4f();
  var b1 = vec4f();
  if (MODE == 1u) {
    b0 = vec4f(bias[min(o0 + o, params.target4 - 1)]);
    b1 = vec4f(bias[min(o0 + o + ACROSS_N, params.target4 - 1)]);
  }
  // The bias is where the sums are f32.
  var s = Sums();
  var total = Totals();
  if (CHUNK == 0) {
    let p0 = product4(b0);
    let p1 = product4(b1);
    s = Sums(p0, p0, p0, p0, p0, p0, p0, p0, p1, p1, p1, p1, p1, p1, p1, p1);
  } else {
    total = Totals(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) {
      multiply(&s, step & 1, m, o);
      if (CHUNK != 0) {
        if (step % max(CHUNK, 1) == CHUNK - 1) {
          total = added(total, s);
          s = Sums();
        }
      }
    }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  total = added(total, s);
  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Pixels(total.s0, total.s1, total.s2, total.s3));
  store(n, far, first, o0 + o, Pixels(total.s4, total.s5, total.s6, total.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Pixels(total.t0, total.t1, total.t2, total.t3));
    store(n, far, first, o0 + o + ACROSS_N, Pixels(total.t4, total.t5, total.t6, total.t7));
  }
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4], w: [k·k][4·in4][out4] vec4 f32, dx: [N,H,W,4·target4], each f32 or f16, for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = vec4f(dy[at + o]);
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { sum += vec4f(dx[index]); }
  dx[index] = to_result4(sum);
}
`,conv2d_kernel9:`// Included behind conv2d_tile by the kernels that hold all nine taps of a kernel at once.

// A kernel's nine taps, row by row.
struct Kernel {
  w00: Tap,
  w01: Tap,
  w02: Tap,
  w10: Tap,
  w11: Tap,
  w12: Tap,
  w20: Tap,
  w21: Tap,
  w22: Tap,
}

// The taps from \`first\` on, \`step\` apart.
fn kernel(first: i32, step: i32) -> Kernel {
  return Kernel(
    tap(first),
    tap(first + step),
    tap(first + 2 * step),
    tap(first + 3 * step),
    tap(first + 4 * step),
    tap(first + 5 * step),
    tap(first + 6 * step),
    tap(first + 7 * step),
    tap(first + 8 * step),
  );
}

// Adds what a row of pixels gives to a row of results that meets it with the kernel's first, second or third row.
fn first_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w00, k.w01, k.w02); }
fn second_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w10, k.w11, k.w12); }
fn third_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w20, k.w21, k.w22); }
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4]; f32 or f16, summed in f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = vec4f(bias[o]);
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = vec4f(a[at_a + c]); } else { v = vec4f(b[at_b + c - params.a4]); }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), vec4f(w[t]), sum);
        sum = fma(vec4f(v.y), vec4f(w[t + params.out4]), sum);
        sum = fma(vec4f(v.z), vec4f(w[t + 2 * params.out4]), sum);
        sum = fma(vec4f(v.w), vec4f(w[t + 3 * params.out4]), sum);
      }
    }
  }
  y[index] = to_result4(activate(sum));
}
`,conv2d_pack:`// Rearranges the weights of 3×3 convolutions for conv2d_tile8 and conv2d_tile8x4, those of many layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros, and from
// job.bias on [out4] vec4; f32 or f16.
// packed, from vec4 job.packed on: blocks of 8 results, \`job.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for
// the source's channels 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results, all nine taps.
struct Job {
  weight: i32, bias: i32, packed: i32,
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= job.count) { return; }
  let half = index & 1;
  let source = (index >> 1u) % job.source4;
  let block = (index >> 1u) / job.source4;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, job.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = job.source_first4 + source;
  let first = job.packed + block * job.block_vec4s + half;
  var tap = 0;
  loop {
    let to = first + (tap * job.source4 + source) * 8;
    if (FORWARD == 1u) {
      let at = job.weight + (tap * job.in4 + channel) * 4 * job.out4 + kept;
      packed[to] = is * vec4f(weights[at]);
      packed[to + 2] = is * vec4f(weights[at + job.out4]);
      packed[to + 4] = is * vec4f(weights[at + 2 * job.out4]);
      packed[to + 6] = is * vec4f(weights[at + 3 * job.out4]);
    } else {
      let at = job.weight + ((8 - tap) * job.in4 + job.first4 + kept) * 4 * job.out4 + channel;
      let v0 = is * vec4f(weights[at]);
      let v1 = is * vec4f(weights[at + job.out4]);
      let v2 = is * vec4f(weights[at + 2 * job.out4]);
      let v3 = is * vec4f(weights[at + 3 * job.out4]);
      packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
      packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
      packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
      packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
    }
    tap++;
    if (tap >= 9) { break; }
  }
  if (source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(weights[job.bias + kept]); }
    packed[first + 72 * job.source4] = value;
  }
}
`,conv2d_shared_taps:`// Included behind conv2d_kernel9.wgsl by the kernels of tiles of 8×4 pixels whose lanes share weights: each lane loads an eighth of them.

fn even(q: vec4f) -> Tap {
  return Tap(
    subgroupBroadcast(q, 0u),
    subgroupBroadcast(q, 2u),
    subgroupBroadcast(q, 4u),
    subgroupBroadcast(q, 6u),
  );
}

fn odd(q: vec4f) -> Tap {
  return Tap(
    subgroupBroadcast(q, 1u),
    subgroupBroadcast(q, 3u),
    subgroupBroadcast(q, 5u),
    subgroupBroadcast(q, 7u),
  );
}

// The taps of a block's first four outputs, and of its last four, for four inputs: from \`first\` on, \`step\` apart. Both load the same, which compilers see.
fn first_outputs(first: i32, step: i32, lane: i32) -> Kernel {
  let at = first + lane;
  return Kernel(
    even(w[at]),
    even(w[at + step]),
    even(w[at + 2 * step]),
    even(w[at + 3 * step]),
    even(w[at + 4 * step]),
    even(w[at + 5 * step]),
    even(w[at + 6 * step]),
    even(w[at + 7 * step]),
    even(w[at + 8 * step]),
  );
}

fn last_outputs(first: i32, step: i32, lane: i32) -> Kernel {
  let at = first + lane;
  return Kernel(
    odd(w[at]),
    odd(w[at + step]),
    odd(w[at + 2 * step]),
    odd(w[at + 3 * step]),
    odd(w[at + 4 * step]),
    odd(w[at + 5 * step]),
    odd(w[at + 6 * step]),
    odd(w[at + 7 * step]),
    odd(w[at + 8 * step]),
  );
}
`,conv2d_subgroup8x4:`// Convolution 3×3 and its input gradient by conv2d_body8x4.wgsl (included before this, with conv2d_shared_taps.wgsl), for subgroups of eight lanes that are a workgroup each: the lanes, which
// want the same weights, load an eighth of them each and hand them around. On a software adapter a broadcast costs less than a multiply-add of a vec4, a load
// as much as twenty to fifty.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
`,conv2d_subgroup8x4_wide:`// As conv2d_subgroup8x4.wgsl, weights from a storage buffer: a load costs twice as much, but all outputs of a wide layer are one dispatch.
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
`,conv2d_subgroup8x8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this, with conv2d_kernel9.wgsl), for subgroups of eight lanes that are a
// workgroup each.
// A lane owns 8×8 pixels by four outputs (64 vec4 accumulators); OUT_LANES lanes in a row, 8 or 4, own the same pixels and outputs that follow each other.
// They load each pixel once between them and hand it around: on a software adapter a load costs as much as twenty to fifty multiply-adds of a vec4,
// a broadcast less than one.
// No lane leaves before the end: what is broadcast has to be there. Those without a tile or outputs of their own compute another's and do not store.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

// Ten pixels of a row, of which each lane loads two or three.
fn shared_pixels(n: i32, row: i32, x0: i32, c: i32, lane: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  let column = x0 - 1 + lane % OUT_LANES;
  let a = pixel(base, column, c, inside);
  let b = pixel(base, column + OUT_LANES, c, inside);
  if (OUT_LANES == 8) {
    return Pixels(
      subgroupBroadcast(a, 0u),
      subgroupBroadcast(a, 1u),
      subgroupBroadcast(a, 2u),
      subgroupBroadcast(a, 3u),
      subgroupBroadcast(a, 4u),
      subgroupBroadcast(a, 5u),
      subgroupBroadcast(a, 6u),
      subgroupBroadcast(a, 7u),
      subgroupBroadcast(b, 0u),
      subgroupBroadcast(b, 1u),
    );
  }
  let d = pixel(base, column + 2 * OUT_LANES, c, inside);
  return Pixels(
    quadBroadcast(a, 0u),
    quadBroadcast(a, 1u),
    quadBroadcast(a, 2u),
    quadBroadcast(a, 3u),
    quadBroadcast(b, 0u),
    quadBroadcast(b, 1u),
    quadBroadcast(b, 2u),
    quadBroadcast(b, 3u),
    quadBroadcast(d, 0u),
    quadBroadcast(d, 1u),
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let across = (params.width + 7) / 8;
  let down = (params.height + 7) / 8;
  let tiles = params.batch * across * down;
  // Tiles that the lanes of a subgroup have side by side, and their number with those that fill up the last subgroup.
  let together = WORKGROUP / OUT_LANES;
  let filled_tiles = (tiles + together - 1) / together * together;
  let index = (i32(group.x) + i32(group.y * groups.x)) * together + lane / OUT_LANES;
  let wanted_out = index / filled_tiles * OUT_LANES + lane % OUT_LANES;
  let out = min(wanted_out, 2 * params.blocks - 1);
  let tile = min(index % filled_tiles, tiles - 1);
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 8;
  let n = tile / (across * down);
  let of_all = params.first_block * 2 + out;
  let stored = index % filled_tiles < tiles && wanted_out == out && of_all < params.out4;
  let block = out / 2 * params.block_vec4s + out % 2;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + min(of_all, params.out4 - 1);

  let bias = eight(w[block + 72 * params.in4]);
  var s0 = bias;
  var s1 = bias;
  var s2 = bias;
  var s3 = bias;
  var s4 = bias;
  var s5 = bias;
  var s6 = bias;
  var s7 = bias;
  if (MODE == 2u) {
    // What y holds, to add to. What is outside reads inside, and is not stored.
    s0 = loaded(at, last);
    s1 = loaded(at + min(1, below) * row, last);
    s2 = loaded(at + min(2, below) * row, last);
    s3 = loaded(at + min(3, below) * row, last);
    s4 = loaded(at + min(4, below) * row, last);
    s5 = loaded(at + min(5, below) * row, last);
    s6 = loaded(at + min(6, below) * row, last);
    s7 = loaded(at + min(7, below) * row, last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let k = kernel(block + c * 8, step);
    let v0 = shared_pixels(n, y0 - 1, x0, c, lane);
    s0 = first_row(s0, v0, k);
    let v1 = shared_pixels(n, y0, x0, c, lane);
    s0 = second_row(s0, v1, k);
    s1 = first_row(s1, v1, k);
    let v2 = shared_pixels(n, y0 + 1, x0, c, lane);
    s0 = third_row(s0, v2, k);
    s1 = second_row(s1, v2, k);
    s2 = first_row(s2, v2, k);
    let v3 = shared_pixels(n, y0 + 2, x0, c, lane);
    s1 = third_row(s1, v3, k);
    s2 = second_row(s2, v3, k);
    s3 = first_row(s3, v3, k);
    let v4 = shared_pixels(n, y0 + 3, x0, c, lane);
    s2 = third_row(s2, v4, k);
    s3 = second_row(s3, v4, k);
    s4 = first_row(s4, v4, k);
    let v5 = shared_pixels(n, y0 + 4, x0, c, lane);
    s3 = third_row(s3, v5, k);
    s4 = second_row(s4, v5, k);
    s5 = first_row(s5, v5, k);
    let v6 = shared_pixels(n, y0 + 5, x0, c, lane);
    s4 = third_row(s4, v6, k);
    s5 = second_row(s5, v6, k);
    s6 = first_row(s6, v6, k);
    let v7 = shared_pixels(n, y0 + 6, x0, c, lane);
    s5 = third_row(s5, v7, k);
    s6 = second_row(s6, v7, k);
    s7 = first_row(s7, v7, k);
    let v8 = shared_pixels(n, y0 + 7, x0, c, lane);
    s6 = third_row(s6, v8, k);
    s7 = second_row(s7, v8, k);
    let v9 = shared_pixels(n, y0 + 8, x0, c, lane);
    s7 = third_row(s7, v9, k);
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  if (!stored) { return; }
  store(at, last, s0);
  if (below >= 1) { store(at + row, last, s1); }
  if (below >= 2) { store(at + 2 * row, last, s2); }
  if (below >= 3) { store(at + 3 * row, last, s3); }
  if (below >= 4) { store(at + 4 * row, last, s4); }
  if (below >= 5) { store(at + 5 * row, last, s5); }
  if (below >= 6) { store(at + 6 * row, last, s6); }
  if (below >= 7) { store(at + 7 * row, last, s7); }
}
`,conv2d_thin:`// Included by the convolutions with few channels on one side: a workgroup owns 32 pixels across by 8 down, an invocation four of a column, so that neighbours
// read neighbouring addresses. \`params\` and the sources a and b, joined along the channels, are the kernel's.
const ACROSS = 32;
const DOWN = 8;
const THREADS = 64;
// Pixels with those around them.
const WIDE = ACROSS + 2;
const PIXELS = WIDE * (DOWN + 2);

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> source4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  var v: source4;
  if (c < params.a4) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = a[(base + (kept_column >> params.shift)) * params.a4 + c];
  } else {
    v = b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + c - params.a4];
  }
  return select(source4(), v, row == kept_row && column == kept_column);
}

// The first pixel of a workgroup; n is -1 where there is none left for it.
struct Corner {
  n: i32,
  row: i32,
  column: i32,
}

fn corner(tile: i32) -> Corner {
  let across = (params.width + ACROSS - 1) / ACROSS;
  let down = (params.height + DOWN - 1) / DOWN;
  if (tile >= params.batch * down * across) { return Corner(-1, 0, 0); }
  return Corner(tile / (across * down), tile / across % down * DOWN, tile % across * ACROSS);
}
`,conv2d_thin_in:`// Convolution 3×3 with stride 1 of at most eight channels, a network's first, and the input gradient of one whose result has at most four, its last: for GPUs,
// where a matrix product would meet a barrier for each tap and four channels.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what \`activated\` holds added where RESIDUAL is 1.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx holds when params.accumulate is set.
// Sources a and b joined along the channels, [N,H,W,4·(a4|b4)], two vec4s at most (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4][out4] vec4 over outputs, y: [N,H,W,4·target4]; f32 or f16, added up in f32.
// On top of conv2d_thin.wgsl, eight channels of the result at a time. The source's pixels, and one more on each side, lie in
// workgroup memory after the only barrier; weights, which all want at once, come from the cache.
struct Params {
  batch: i32, height: i32, width: i32, a4: i32, b4: i32, shift: u32,
  target4: i32, in4: i32, out4: i32, first4: i32, accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward.
override MODE: u32 = 1u;
override RESIDUAL: u32 = 0u;

var<workgroup> pixels: array<source4, 2 * PIXELS>;

// Weights of four channels of the source, one a member, by four of the result.
struct Four {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

fn weights(tap: i32, c: i32, o: i32) -> Four {
  if (MODE == 1u) {
    let at = (tap * params.in4 + c) * 4 * params.out4 + o;
    return Four(
      vec4f(w[at]),
      vec4f(w[at + params.out4]),
      vec4f(w[at + 2 * params.out4]),
      vec4f(w[at + 3 * params.out4]),
    );
  }
  let at = ((8 - tap) * params.in4 + params.first4 + o) * 4 * params.out4 + c;
  let f = Four(
    vec4f(w[at]),
    vec4f(w[at + params.out4]),
    vec4f(w[at + 2 * params.out4]),
    vec4f(w[at + 3 * params.out4]),
  );
  return Four(
    vec4f(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    vec4f(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    vec4f(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    vec4f(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

fn times(v: vec4f, f: Four, sum: vec4f) -> vec4f {
  var s = fma(vec4f(v.x), f.v0, sum);
  s = fma(vec4f(v.y), f.v1, s);
  s = fma(vec4f(v.z), f.v2, s);
  return fma(vec4f(v.w), f.v3, s);
}

// Four pixels of a column.
struct Column {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
}

// Stores what is inside of four channels of the result.
fn store(n: i32, row: i32, column: i32, o: i32, s: Column) {
  if (column >= params.width || o >= params.target4) { return; }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + o;
  let down = params.width * params.target4;
  if (row < params.height) { put(at, s.s0); }
  if (row + 1 < params.height) { put(at + down, s.s1); }
  if (row + 2 < params.height) { put(at + 2 * down, s.s2); }
  if (row + 3 < params.height) { put(at + 3 * down, s.s3); }
}

fn put(at: i32, sum: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(sum, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = sum * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let at = corner(i32(group.x + group.y * groups.x));
  if (at.n < 0) { return; }
  let t = i32(local);
  let source4s = params.a4 + params.b4;

  for (var place = t; place < source4s * PIXELS; place += THREADS) {
    let i = place % PIXELS;
    pixels[place] = pixel(at.n, at.row + i / WIDE - 1, at.column + i % WIDE - 1, place / PIXELS);
  }
  workgroupBarrier();

  let x = t % ACROSS;
  let first = t / ACROSS * 4;
  for (var o = 0; o < params.target4; o += 2) {
    // Of an odd number of vec4s the last is computed twice, and stored once.
    let next = min(o + 1, params.target4 - 1);
    var b0 = vec4f();
    var b1 = vec4f();
    if (MODE == 1u) {
      b0 = vec4f(bias[o]);
      b1 = vec4f(bias[next]);
    }
    var p = Column(b0, b0, b0, b0);
    var q = Column(b1, b1, b1, b1);
    for (var c = 0; c < source4s; c++) {
      for (var tap = 0; tap < 9; tap++) {
        let top = c * PIXELS + (first + tap / 3) * WIDE + x + tap % 3;
        let v0 = vec4f(pixels[top]);
        let v1 = vec4f(pixels[top + WIDE]);
        let v2 = vec4f(pixels[top + 2 * WIDE]);
        let v3 = vec4f(pixels[top + 3 * WIDE]);
        let f = weights(tap, c, o);
        p = Column(times(v0, f, p.s0), times(v1, f, p.s1), times(v2, f, p.s2), times(v3, f, p.s3));
        let g = weights(tap, c, next);
        q = Column(times(v0, g, q.s0), times(v1, g, q.s1), times(v2, g, q.s2), times(v3, g, q.s3));
      }
    }
    store(at.n, at.row + first, at.column + x, o, p);
    store(at.n, at.row + first, at.column + x, o + 1, q);
  }
}
`,conv2d_thin_out:`// Convolution 3×3 with stride 1 whose result has at most four channels, a network's last: for GPUs, where a tile of a matrix product would compute
// twelve of sixteen columns in vain.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what \`activated\` holds added where RESIDUAL is 1.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4] vec4 over outputs, bias: one vec4, y: [N,H,W,4]; f32 or f16, added up in f32.
// On top of conv2d_thin.wgsl. Four channels of a workgroup's pixels, and of one more on each side, and the weights of these channels lie in workgroup memory, twice: while one
// half is multiplied the loads for the other are under way, so there is one barrier for each four channels.
struct Params {
  batch: i32, height: i32, width: i32, a4: i32, b4: i32, shift: u32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

override RESIDUAL: u32 = 0u;

// Weights of four channels: nine taps by four.
const WEIGHTS = 36;

var<workgroup> pixels: array<source4, 2 * PIXELS>;
var<workgroup> weights: array<weight4, 2 * WEIGHTS>;

// Four channels of one of the pixels that workgroup memory holds, or of the last.
fn fetched(at: Corner, place: i32, c: i32) -> source4 {
  let i = min(place, PIXELS - 1);
  return pixel(at.n, at.row + i / WIDE - 1, at.column + i % WIDE - 1, c);
}

fn put(n: i32, row: i32, column: i32, sum: vec4f) {
  if (row >= params.height || column >= params.width) { return; }
  let at = (n * params.height + row) * params.width + column;
  var result = activate_as(sum, params.activation);
  if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
  y[at] = to_result4(result);
}

// The product of a pixel's four channels with the weights of a tap, from \`at\` on.
fn times(v: vec4f, at: i32, sum: vec4f) -> vec4f {
  var s = fma(vec4f(v.x), vec4f(weights[at]), sum);
  s = fma(vec4f(v.y), vec4f(weights[at + 1]), s);
  s = fma(vec4f(v.z), vec4f(weights[at + 2]), s);
  return fma(vec4f(v.w), vec4f(weights[at + 3]), s);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let at = corner(i32(group.x + group.y * groups.x));
  if (at.n < 0) { return; }
  let t = i32(local);
  let in4 = params.a4 + params.b4;

  let x = t % ACROSS;
  let first = t / ACROSS * 4;
  var s0 = vec4f(bias[0]);
  var s1 = s0;
  var s2 = s0;
  var s3 = s0;

  // Fetched in one round, multiplied in the next.
  for (var c = -1; c < in4; c++) {
    // 340 pixels by 64 invocations: five each, and a sixth for some. Not an array, which would lie in memory.
    var h0: source4;
    var h1: source4;
    var h2: source4;
    var h3: source4;
    var h4: source4;
    var h5: source4;
    var held_weight = weight4();
    if (c + 1 < in4) {
      h0 = fetched(at, t, c + 1);
      h1 = fetched(at, t + THREADS, c + 1);
      h2 = fetched(at, t + 2 * THREADS, c + 1);
      h3 = fetched(at, t + 3 * THREADS, c + 1);
      h4 = fetched(at, t + 4 * THREADS, c + 1);
      h5 = fetched(at, t + 5 * THREADS, c + 1);
      let weight = min(t, WEIGHTS - 1);
      held_weight = w[(weight / 4 * in4 + c + 1) * 4 + weight % 4];
    }
    if (c >= 0) {
      let half = c & 1;
      for (var kx = 0; kx < 3; kx++) {
        let top = half * PIXELS + first * WIDE + x + kx;
        let v0 = vec4f(pixels[top]);
        let v1 = vec4f(pixels[top + WIDE]);
        let v2 = vec4f(pixels[top + 2 * WIDE]);
        let v3 = vec4f(pixels[top + 3 * WIDE]);
        let v4 = vec4f(pixels[top + 4 * WIDE]);
        let v5 = vec4f(pixels[top + 5 * WIDE]);
        let tap = half * WEIGHTS + kx * 4;
        s0 = times(v2, tap + 24, times(v1, tap + 12, times(v0, tap, s0)));
        s1 = times(v3, tap + 24, times(v2, tap + 12, times(v1, tap, s1)));
        s2 = times(v4, tap + 24, times(v3, tap + 12, times(v2, tap, s2)));
        s3 = times(v5, tap + 24, times(v4, tap + 12, times(v3, tap, s3)));
      }
    }
    if (c + 1 < in4) {
      let half = (c + 1) & 1;
      let place = half * PIXELS + t;
      pixels[place] = h0;
      pixels[place + THREADS] = h1;
      pixels[place + 2 * THREADS] = h2;
      pixels[place + 3 * THREADS] = h3;
      pixels[place + 4 * THREADS] = h4;
      if (t + 5 * THREADS < PIXELS) { pixels[place + 5 * THREADS] = h5; }
      if (t < WEIGHTS) { weights[half * WEIGHTS + t] = held_weight; }
    }
    workgroupBarrier();
  }

  let row = at.row + first;
  put(at.n, row, at.column + x, s0);
  put(at.n, row + 1, at.column + x, s1);
  put(at.n, row + 2, at.column + x, s2);
  put(at.n, row + 3, at.column + x, s3);
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4], f32 or f16; sums are f32. Channels beyond the tensor's own are zero.
// w: f32, blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold, or all from a storage buffer: the files of the kernels declare it, binding 2.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read. 2: the same, but the eight lanes of a subgroup have one block.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns. Where there is none \`inside\` is false, and they are another's.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 0u) { return Place(min(index, tiles - 1), i32(group.z), index < tiles); }
  let stride = select(tiles, (tiles + 7) / 8 * 8, BLOCKS_IN_LANES == 2u);
  let inside = index % stride < tiles && index / stride < params.blocks;
  return Place(min(index % stride, tiles - 1), min(index / stride, params.blocks - 1), inside);
}

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  let v = vec4f(x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c]);
  return select(vec4f(), v, inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    vec4f(y[at]),
    vec4f(y[at + min(1, last) * params.out4]),
    vec4f(y[at + min(2, last) * params.out4]),
    vec4f(y[at + min(3, last) * params.out4]),
    vec4f(y[at + min(4, last) * params.out4]),
    vec4f(y[at + min(5, last) * params.out4]),
    vec4f(y[at + min(6, last) * params.out4]),
    vec4f(y[at + min(7, last) * params.out4]),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    var ky = 0;
    loop {
      let v = pixels(n, y0 + ky - 1, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
      ky++;
      if (ky >= 3) { break; }
    }
    c++;
    if (c >= params.in4) { break; }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient by conv2d_body8x4.wgsl (included before this): each lane loads the weights that it needs.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

// The taps of a block's first four outputs, and of its last four, for four inputs: from \`first\` on, \`step\` apart.
fn first_outputs(first: i32, step: i32, lane: i32) -> Kernel { return kernel(first, step); }
fn last_outputs(first: i32, step: i32, lane: i32) -> Kernel { return kernel(first + 1, step); }
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4], each f32 or f16,
// partials: [slices][k·k][4·total4 inputs][out4] vec4, added to what they hold when params.accumulate is set; sum_slices adds the slices in order, so
// the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy. Sums are f32: product4 is.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> tile4 {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = tile4(x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4]);
  return select(tile4(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> tile4 {
  let v = tile4(dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)]);
  return select(tile4(), v, column < params.out_width && o < params.out4);
}

// Sums of four inputs of a tap by four outputs.
struct Block {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores them, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Block) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  var sum = f;
  if (params.accumulate != 0) {
    sum.v0 += partials[at];
    sum.v1 += partials[at + params.out4];
    sum.v2 += partials[at + 2 * params.out4];
    sum.v3 += partials[at + 3 * params.out4];
  }
  partials[at] = sum.v0;
  partials[at + params.out4] = sum.v1;
  partials[at + 2 * params.out4] = sum.v2;
  partials[at + 3 * params.out4] = sum.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = tile4();
    var b1 = tile4();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Block(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Block(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Block(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Block(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4], each f32 or f16,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = vec4f(x[(base + (column >> params.shift)) * params.in4 + c]);
      let d = vec4f(dy[(out_row * params.out_width + out_column) * params.out4 + o]);
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4], each f32 or f16,
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.in4 + c]), inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.out4 + o]), column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();
  var bias0 = vec4f();
  var bias1 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  var row = slice * params.rows;
  loop {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    var column = 0;
    loop {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      bias0 += d00 + d10;
      bias1 += d01 + d11;
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
      column += 2;
      if (column >= params.width) { break; }
    }
    row++;
    if (row >= end) { break; }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
`,conv2d_weight_grad_subgroup:`// Weight gradient of a 3×3 convolution with stride 1, as conv2d_weight_grad_rows.wgsl, whose params and partials it has, for subgroups of eight lanes that are
// a workgroup each: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// A lane owns four outputs by eight inputs by nine taps (72 vec4 accumulators); OUT_LANES lanes in a row, 8 or 4, own the same inputs and outputs that follow
// each other. They walk the rows of their slice from left to right, four columns of x at a time, which they load once between them and hand around: on
// a software adapter a load costs as much as twenty to fifty multiply-adds of a vec4, a broadcast less than one. Each sum is read and written once for four products.
// No lane leaves before the end, and none walks further than another: what is broadcast has to be there.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// The taps of a row of them.
struct Taps {
  left: Sums,
  middle: Sums,
  right: Sums,
}

// Four columns of x, four inputs each.
struct Columns {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// dy at the columns that meet those: from one before them to one behind.
struct Gradients {
  before: vec4f,
  d0: vec4f,
  d1: vec4f,
  d2: vec4f,
  d3: vec4f,
  behind: vec4f,
}

// Adds the products of four pixels.
fn add(s: Sums, v: Columns, d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v.v3.x), d3, fma(vec4f(v.v2.x), d2, fma(vec4f(v.v1.x), d1, fma(vec4f(v.v0.x), d0, s.i0)))),
    fma(vec4f(v.v3.y), d3, fma(vec4f(v.v2.y), d2, fma(vec4f(v.v1.y), d1, fma(vec4f(v.v0.y), d0, s.i1)))),
    fma(vec4f(v.v3.z), d3, fma(vec4f(v.v2.z), d2, fma(vec4f(v.v1.z), d1, fma(vec4f(v.v0.z), d0, s.i2)))),
    fma(vec4f(v.v3.w), d3, fma(vec4f(v.v2.w), d2, fma(vec4f(v.v1.w), d1, fma(vec4f(v.v0.w), d0, s.i3)))),
  );
}

// A column of x meets dy one to the right of it by the left tap, one to the left by the right one.
fn add_taps(s: Taps, v: Columns, d: Gradients) -> Taps {
  return Taps(
    add(s.left, v, d.d1, d.d2, d.d3, d.behind),
    add(s.middle, v, d.d0, d.d1, d.d2, d.d3),
    add(s.right, v, d.before, d.d0, d.d1, d.d2),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.in4 + c]), inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.out4 + o]), inside && column == kept);
}

// Of two vec4s of inputs, four columns each.
struct Pair {
  a: Columns,
  b: Columns,
}

// From \`column\` on. Of eight lanes the first four load those of c0, the others those of c1; of four each loads one of either.
fn shared_columns(base: i32, column: i32, c0: i32, c1: i32, inside: bool, lane: i32) -> Pair {
  if (OUT_LANES == 8) {
    let q = pixel(base, column + lane % 4, select(c0, c1, lane >= 4), inside);
    return Pair(
      Columns(subgroupBroadcast(q, 0u), subgroupBroadcast(q, 1u), subgroupBroadcast(q, 2u), subgroupBroadcast(q, 3u)),
      Columns(subgroupBroadcast(q, 4u), subgroupBroadcast(q, 5u), subgroupBroadcast(q, 6u), subgroupBroadcast(q, 7u)),
    );
  }
  let q = pixel(base, column + lane % 4, c0, inside);
  let r = pixel(base, column + lane % 4, c1, inside);
  return Pair(
    Columns(quadBroadcast(q, 0u), quadBroadcast(q, 1u), quadBroadcast(q, 2u), quadBroadcast(q, 3u)),
    Columns(quadBroadcast(r, 0u), quadBroadcast(r, 1u), quadBroadcast(r, 2u), quadBroadcast(r, 3u)),
  );
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

fn store_taps(at: i32, tap: i32, s: Taps) {
  store(at, s.left);
  store(at + tap, s.middle);
  store(at + 2 * tap, s.right);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let in_pairs = (params.in4 + 1) / 2;
  let out_groups = (params.out4 + OUT_LANES - 1) / OUT_LANES;
  let blocks = in_pairs * out_groups;
  let index = (i32(group.x) + i32(group.y * groups.x)) * (WORKGROUP / OUT_LANES) + lane / OUT_LANES;
  let there = index < blocks * params.slices;
  let slice = select(params.slices - 1, index / blocks, there);
  let block = index % blocks;
  let wanted = block % out_groups * OUT_LANES + lane % OUT_LANES;
  let o = min(wanted, params.out4 - 1);
  let c0 = block / out_groups * 2;
  let c1 = min(c0 + 1, params.in4 - 1);

  var a0 = Taps();
  var a1 = Taps();
  var a2 = Taps();
  var b0 = Taps();
  var b1 = Taps();
  var b2 = Taps();
  var bias = vec4f();
  var walked = 0;
  loop {
    let wanted_row = slice * params.rows + walked;
    let row = min(wanted_row, params.batch * params.height - 1);
    let in_slice = row == wanted_row;
    let n = row / params.height;
    let y = row % params.height;
    let above = max(y - 1, 0);
    let below = min(y + 1, params.height - 1);
    let height = params.height >> params.shift;
    let width = params.width >> params.shift;
    let base0 = (n * height + (above >> params.shift)) * width;
    let base1 = (n * height + (y >> params.shift)) * width;
    let base2 = (n * height + (below >> params.shift)) * width;
    let dy_base = row * params.width;
    var before = vec4f();
    var first = gradient(dy_base, 0, o, in_slice);
    var column = 0;
    loop {
      let d = Gradients(
        before,
        first,
        gradient(dy_base, column + 1, o, in_slice),
        gradient(dy_base, column + 2, o, in_slice),
        gradient(dy_base, column + 3, o, in_slice),
        gradient(dy_base, column + 4, o, in_slice),
      );
      bias += (d.d0 + d.d1) + (d.d2 + d.d3);
      let x0 = shared_columns(base0, column, c0, c1, y >= 1, lane);
      a0 = add_taps(a0, x0.a, d);
      b0 = add_taps(b0, x0.b, d);
      let x1 = shared_columns(base1, column, c0, c1, true, lane);
      a1 = add_taps(a1, x1.a, d);
      b1 = add_taps(b1, x1.b, d);
      let x2 = shared_columns(base2, column, c0, c1, y + 1 < params.height, lane);
      a2 = add_taps(a2, x2.a, d);
      b2 = add_taps(b2, x2.b, d);
      before = d.d3;
      first = d.behind;
      column += 4;
      if (column >= params.width) { break; }
    }
    walked++;
    if (walked >= params.rows) { break; }
  }

  if (!there || wanted != o) { return; }
  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4 + o;
  store_taps(first, tap, a0);
  store_taps(first + 3 * tap, tap, a1);
  store_taps(first + 6 * tap, tap, a2);
  if (c1 != c0) {
    let second = at + c1 * 4 * params.out4 + o;
    store_taps(second, tap, b0);
    store_taps(second + 3 * tap, tap, b1);
    store_taps(second + 6 * tap, tap, b2);
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && c0 == 0) {
    let bias_at = slice * params.slice_vec4s + params.bias_at;
    partials[bias_at + o] = bias;
    if (o == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias_at; i++) { partials[i] = vec4f(); }
    }
  }
}
`,extremes:`// Which values of the picture x: [pixels][c4] vec4 f32 are extreme. WHOLE 0: those with x ≤ 0 or x ≥ 1, each by itself. WHOLE 1: those of holes, pixels
// whose channels are all ≤ 0 or all ≥ 1. The kernel that includes it declares x and the params c4 and channels.
override WHOLE: u32 = 0u;

fn extremes_of(index: i32) -> vec4<bool> {
  if (WHOLE == 0u) {
    let value = x[index];
    return (value <= vec4f(0.0)) | (value >= vec4f(1.0));
  }
  let first = index - index % params.c4;
  var black = true;
  var white = true;
  for (var part = 0; part < params.c4; part++) {
    let value = x[first + part];
    let empty = part * 4 + vec4i(0, 1, 2, 3) >= vec4i(params.channels);
    black = black && all(empty | (value <= vec4f(0.0)));
    white = white && all(empty | (value >= vec4f(1.0)));
  }
  return vec4<bool>(black || white);
}
`,fill_holes:`// Filling of holes, pixels whose channels are all ≤ 0 or all ≥ 1: y is the mean of the other pixels in the square of 2·RADIUS + 1 around, weighted
// by distance^-6 (inverse distance weighting, Shepard 1968), or x where there are none; y = x elsewhere. Nothing lies beyond the border.
// x, y: [images][height][width][c4] vec4 f32.
// An invocation owns one vec4 of a pixel.
struct Params { count: i32, height: i32, width: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const RADIUS = 3;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  if (!extremes_of(index).x) {
    y[index] = value;
    return;
  }
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = pixel / params.width % params.height;
  var sum = vec4f();
  var total = 0.0;
  for (var dy = max(-RADIUS, -row); dy <= min(RADIUS, params.height - 1 - row); dy++) {
    for (var dx = max(-RADIUS, -column); dx <= min(RADIUS, params.width - 1 - column); dx++) {
      let near = index + (dy * params.width + dx) * params.c4;
      if (extremes_of(near).x) { continue; }
      let squared = f32(dy * dy + dx * dx);
      let weight = 1.0 / (squared * squared * squared);
      sum += weight * x[near];
      total += weight;
    }
  }
  y[index] = select(value, sum / max(total, 1e-9), total > 0.0);
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
// Both lie there as tile4, and are multiplied and added up as product4: vec4s of f32 or of f16.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<tile4, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<tile4, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: product4,
  s1: product4,
  s2: product4,
  s3: product4,
  s4: product4,
  s5: product4,
  s6: product4,
  s7: product4,
  t0: product4,
  t1: product4,
  t2: product4,
  t3: product4,
  t4: product4,
  t5: product4,
  t6: product4,
  t7: product4,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: tile4,
  v1: tile4,
  v2: tile4,
  v3: tile4,
}

fn transposed(f: Four) -> Four {
  return Four(
    tile4(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    tile4(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    tile4(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    tile4(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = product4(tile_a[k * QUADS + m]);
    let a1 = product4(tile_a[k * QUADS + m + ACROSS_M]);
    let b0 = product4(tile_b[k * COLUMNS + n]);
    (*s).s0 = fma(product4(a0.x), b0, (*s).s0);
    (*s).s1 = fma(product4(a0.y), b0, (*s).s1);
    (*s).s2 = fma(product4(a0.z), b0, (*s).s2);
    (*s).s3 = fma(product4(a0.w), b0, (*s).s3);
    (*s).s4 = fma(product4(a1.x), b0, (*s).s4);
    (*s).s5 = fma(product4(a1.y), b0, (*s).s5);
    (*s).s6 = fma(product4(a1.z), b0, (*s).s6);
    (*s).s7 = fma(product4(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = product4(tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N]);
      (*s).t0 = fma(product4(a0.x), b1, (*s).t0);
      (*s).t1 = fma(product4(a0.y), b1, (*s).t1);
      (*s).t2 = fma(product4(a0.z), b1, (*s).t2);
      (*s).t3 = fma(product4(a0.w), b1, (*s).t3);
      (*s).t4 = fma(product4(a1.x), b1, (*s).t4);
      (*s).t5 = fma(product4(a1.y), b1, (*s).t5);
      (*s).t6 = fma(product4(a1.z), b1, (*s).t6);
      (*s).t7 = fma(product4(a1.w), b1, (*s).t7);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// KIND 3, PSNR: mean over images of k ln(1 + E / ε), dy = k / (E + ε) · (2d + 2W·m + 2V·c) / M, where E is the image's mean squared error, its colour and
// chroma terms included, k = 1e-2 / ln 10 and ε = 1e-4. Each of an image's elements adds the same.
// y, target, dy: [pixels][c4] vec4, target f32, the others f32 or f16, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// COLOUR 1: adds W·m², where m is the mean of d over the pixels of that image and channel, from sums = Σ d: [images][c4] vec4. Each of an
// image's pixels adds the same m², so that the mean over all elements is the mean over images and channels; dy gets 2W·m / M.
// CHROMA 1: adds V·c², where c is d less its mean over the channels, of which there are four at most; dy gets 2V·c / M.
// Σ d² + V·c² comes as squares: [images][c4] vec4, read by KIND 3 alone.
// WEIGHTED 1: the terms and gradients of image n, the other terms' too, are multiplied by weights[n] (packed four to a vec4).
// dy comes multiplied by a factor more (params.gradient_scale is that factor / M), so that gradients do not drown where f16 ends.
// An invocation owns one slice of the vec4s.
struct Params {
  count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32, per_pixel: f32, colour_weight: f32, chroma_weight: f32,
  gradient_scale: f32
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<source4>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> squares: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dy: array<result4>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override COLOUR: u32 = 0u;
override CHROMA: u32 = 0u;
override WEIGHTED: u32 = 0u;

const PSNR = 3u;
const PSNR_SCALE = 0.004342944819;
const PSNR_FLOOR = 1e-4;

// Mean over an image's channels of the squared error, the colour and chroma terms included.
fn image_error(image: i32) -> f32 {
  var error = vec4f();
  for (var column = image * params.c4; column < (image + 1) * params.c4; column++) {
    error += squares[column] * params.per_pixel;
    if (COLOUR == 1u) {
      let mean = sums[column] * params.per_pixel;
      error += params.colour_weight * mean * mean;
    }
  }
  return ((error.x + error.y) + (error.z + error.w)) / f32(params.channels);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = vec4f(y[index]) - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u || KIND == PSNR) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (CHROMA == 1u) {
      let chroma = select(vec4f(), d - vec4f((d.x + d.y) + (d.z + d.w)) / f32(params.channels), counts);
      value += params.chroma_weight * chroma * chroma;
      gradient += 2.0 * params.chroma_weight * chroma;
    }
    if (COLOUR == 1u) {
      let mean = sums[index / params.image_vec4s * params.c4 + index % params.c4] * params.per_pixel;
      value += params.colour_weight * mean * mean;
      gradient += 2.0 * params.colour_weight * mean;
    }
    let image = index / params.image_vec4s;
    if (KIND == PSNR) {
      let error = image_error(image);
      value = vec4f(PSNR_SCALE * log(1.0 + error / PSNR_FLOOR));
      gradient *= PSNR_SCALE / (error + PSNR_FLOOR);
    }
    if (WEIGHTED == 1u) {
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = to_result4(select(vec4f(), gradient * params.gradient_scale, counts));
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,loss_errors:`// Sums of the errors d = y - target, with SQUARED 1 of d², with CHROMA 1 too of d² + V·c², c being d less its mean over the channels (four at most), over an image's pixels, each slice of them on its own; sum_slices adds the slices in order.
// y, target: [images][pixels][c4] vec4, y f32 or f16, target f32; partials: [slices][images][c4] vec4 f32. The colour term and the PSNR of loss.wgsl take the sums.
// An invocation owns one slice of one image's pixels, in four channels.
struct Params { images: i32, pixels: i32, c4: i32, slice_pixels: i32, slices: i32, channels: i32, chroma_weight: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<source4>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

override SQUARED: u32 = 0u;
override CHROMA: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let columns = params.images * params.c4;
  if (index >= columns * params.slices) { return; }
  let slice = index / columns;
  let column = index % columns;
  let image = column / params.c4;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = first; pixel < end; pixel++) {
    let at = (image * params.pixels + pixel) * params.c4 + column % params.c4;
    let d = vec4f(y[at]) - goal[at];
    if (SQUARED == 1u) {
      sum += d * d;
      if (CHROMA == 1u) {
        let counts = vec4i(0, 1, 2, 3) < vec4i(params.channels);
        let chroma = select(vec4f(), d - vec4f((d.x + d.y) + (d.z + d.w)) / f32(params.channels), counts);
        sum += params.chroma_weight * chroma * chroma;
      }
    } else {
      sum += d;
    }
  }
  partials[index] = sum;
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4], y: [N,⌈H/2⌉,⌈W/2⌉,4·c4], both f32 or f16, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4], argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4], each f32 or f16;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), vec4f(dy[window]), winners == vec4u(place)) * activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,muon_apply:`// Y = X C of many layers, a job for each: the product of a Newton-Schulz iteration of Muon.
// x, y: of a layer job.rows rows of 4·job.width f32 from vec4 job.first on; c: from vec4 job.gram on, 4·job.width rows of as many columns.
// An invocation owns 16 rows by 16 columns of Y; of rows and columns beyond the last, the last are computed again, and not stored.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

// A row of x at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return x[job.first + min(row, job.rows - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
    at(job, row + 8, k),
    at(job, row + 9, k),
    at(job, row + 10, k),
    at(job, row + 11, k),
    at(job, row + 12, k),
    at(job, row + 13, k),
    at(job, row + 14, k),
    at(job, row + 15, k),
  );
}

fn add(s: Rows, v: Rows, first: i32, width: i32) -> Rows {
  return add_products(s, v, c[first], c[first + width], c[first + 2 * width], c[first + 3 * width]);
}

fn store(job: Job, row: i32, column: i32, value: vec4f) {
  if (row < job.rows) { y[job.first + row * job.width + column] = value; }
}

fn put(job: Job, row: i32, column: i32, s: Rows) {
  store(job, row, column, s.r0);
  store(job, row + 1, column, s.r1);
  store(job, row + 2, column, s.r2);
  store(job, row + 3, column, s.r3);
  store(job, row + 4, column, s.r4);
  store(job, row + 5, column, s.r5);
  store(job, row + 6, column, s.r6);
  store(job, row + 7, column, s.r7);
  store(job, row + 8, column, s.r8);
  store(job, row + 9, column, s.r9);
  store(job, row + 10, column, s.r10);
  store(job, row + 11, column, s.r11);
  store(job, row + 12, column, s.r12);
  store(job, row + 13, column, s.r13);
  store(job, row + 14, column, s.r14);
  store(job, row + 15, column, s.r15);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (job.width + 3) / 4;
  if (index >= (job.rows + 15) / 16 * across) { return; }
  let last = job.width - 1;
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, last);
  let o2 = min(o0 + 2, last);
  let o3 = min(o0 + 3, last);
  let row = index / across * 16;

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var k = 0;
  loop {
    let v = rows(job, row, k);
    let first = job.gram + 4 * k * job.width;
    s0 = add(s0, v, first + o0, job.width);
    s1 = add(s1, v, first + o1, job.width);
    s2 = add(s2, v, first + o2, job.width);
    s3 = add(s3, v, first + o3, job.width);
    k++;
    if (k >= job.width) { break; }
  }
  put(job, row, o0, s0);
  if (o1 != o0) { put(job, row, o1, s1); }
  if (o2 != o1) { put(job, row, o2, s2); }
  if (o3 != o2) { put(job, row, o3, s3); }
}
`,muon_apply_subgroup:`// Y = X C of many layers, as muon_apply.wgsl, for subgroups of eight lanes that are a workgroup each (behind rows8.wgsl).
// A lane owns eight rows by 32 columns of Y (64 vec4 accumulators), each lane other rows and all the same columns: they load the elements of C once
// between them and hand them around, 12 loads for 256 multiply-adds of vec4s. Of rows and columns beyond the last, the last are computed again, and not stored; no lane
// leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

fn add(s: Rows, v: Rows, w: Weights) -> Rows {
  return Rows(
    mac(s.r0, v.r0, w),
    mac(s.r1, v.r1, w),
    mac(s.r2, v.r2, w),
    mac(s.r3, v.r3, w),
    mac(s.r4, v.r4, w),
    mac(s.r5, v.r5, w),
    mac(s.r6, v.r6, w),
    mac(s.r7, v.r7, w),
  );
}

// A row of x at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return x[job.first + min(row, job.rows - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
  );
}

fn store(job: Job, row: i32, column: i32, value: vec4f) {
  if (row < job.rows) { y[job.first + row * job.width + column] = value; }
}

// Stores a column that is there.
fn put(job: Job, row: i32, column: i32, s: Rows) {
  if (column >= job.width) { return; }
  store(job, row, column, s.r0);
  store(job, row + 1, column, s.r1);
  store(job, row + 2, column, s.r2);
  store(job, row + 3, column, s.r3);
  store(job, row + 4, column, s.r4);
  store(job, row + 5, column, s.r5);
  store(job, row + 6, column, s.r6);
  store(job, row + 7, column, s.r7);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let across = (job.width + 7) / 8;
  if (index >= (job.rows + 63) / 64 * across) { return; }
  let o = index % across * 8;
  let own = min(o + lane, job.width - 1);
  let row = index / across * 64 + lane * 8;

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var s4 = Rows();
  var s5 = Rows();
  var s6 = Rows();
  var s7 = Rows();
  var k = 0;
  loop {
    let v = rows(job, row, k);
    let first = job.gram + 4 * k * job.width + own;
    let q = Weights(c[first], c[first + job.width], c[first + 2 * job.width], c[first + 3 * job.width]);
    let w0 = Weights(
      subgroupBroadcast(q.i0, 0u),
      subgroupBroadcast(q.i1, 0u),
      subgroupBroadcast(q.i2, 0u),
      subgroupBroadcast(q.i3, 0u),
    );
    s0 = add(s0, v, w0);
    let w1 = Weights(
      subgroupBroadcast(q.i0, 1u),
      subgroupBroadcast(q.i1, 1u),
      subgroupBroadcast(q.i2, 1u),
      subgroupBroadcast(q.i3, 1u),
    );
    s1 = add(s1, v, w1);
    let w2 = Weights(
      subgroupBroadcast(q.i0, 2u),
      subgroupBroadcast(q.i1, 2u),
      subgroupBroadcast(q.i2, 2u),
      subgroupBroadcast(q.i3, 2u),
    );
    s2 = add(s2, v, w2);
    let w3 = Weights(
      subgroupBroadcast(q.i0, 3u),
      subgroupBroadcast(q.i1, 3u),
      subgroupBroadcast(q.i2, 3u),
      subgroupBroadcast(q.i3, 3u),
    );
    s3 = add(s3, v, w3);
    let w4 = Weights(
      subgroupBroadcast(q.i0, 4u),
      subgroupBroadcast(q.i1, 4u),
      subgroupBroadcast(q.i2, 4u),
      subgroupBroadcast(q.i3, 4u),
    );
    s4 = add(s4, v, w4);
    let w5 = Weights(
      subgroupBroadcast(q.i0, 5u),
      subgroupBroadcast(q.i1, 5u),
      subgroupBroadcast(q.i2, 5u),
      subgroupBroadcast(q.i3, 5u),
    );
    s5 = add(s5, v, w5);
    let w6 = Weights(
      subgroupBroadcast(q.i0, 6u),
      subgroupBroadcast(q.i1, 6u),
      subgroupBroadcast(q.i2, 6u),
      subgroupBroadcast(q.i3, 6u),
    );
    s6 = add(s6, v, w6);
    let w7 = Weights(
      subgroupBroadcast(q.i0, 7u),
      subgroupBroadcast(q.i1, 7u),
      subgroupBroadcast(q.i2, 7u),
      subgroupBroadcast(q.i3, 7u),
    );
    s7 = add(s7, v, w7);
    k++;
    if (k >= job.width) { break; }
  }
  put(job, row, o, s0);
  put(job, row, o + 1, s1);
  put(job, row, o + 2, s2);
  put(job, row, o + 3, s3);
  put(job, row, o + 4, s4);
  put(job, row, o + 5, s5);
  put(job, row, o + 6, s6);
  put(job, row, o + 7, s7);
}
`,muon_gram:`// Gram matrices A = Xᵀ X of many layers, a job for each, for Muon's Newton-Schulz iteration.
// x: of a layer job.rows rows of 4·job.width f32 from vec4 job.first on; a: from vec4 job.gram on, 4·job.width rows of as many columns.
// An invocation owns 16 rows by 16 columns of A (64 vec4 accumulators). Where the width is no multiple of 16, the last vec4 is computed again, and not stored.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn put(at: i32, step: i32, s: Sums) {
  a[at] = s.i0;
  a[at + step] = s.i1;
  a[at + 2 * step] = s.i2;
  a[at + 3 * step] = s.i3;
}

// Stores those vec4s of columns that are there.
fn put_row(at: i32, o: i32, width: i32, s: Row) {
  put(at + o, width, s.o0);
  if (o + 1 < width) { put(at + o + 1, width, s.o1); }
  if (o + 2 < width) { put(at + o + 2, width, s.o2); }
  if (o + 3 < width) { put(at + o + 3, width, s.o3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (job.width + 3) / 4;
  if (index >= across * across) { return; }
  let last = job.width - 1;
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, last);
  let o2 = min(o0 + 2, last);
  let o3 = min(o0 + 3, last);
  let c0 = index / across * 4;
  let c1 = min(c0 + 1, last);
  let c2 = min(c0 + 2, last);
  let c3 = min(c0 + 3, last);

  var s0 = Row();
  var s1 = Row();
  var s2 = Row();
  var s3 = Row();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = job.first + row * job.width;
    let w = u + job.width;
    let d = Outputs(x[u + o0], x[u + o1], x[u + o2], x[u + o3]);
    let g = Outputs(x[w + o0], x[w + o1], x[w + o2], x[w + o3]);
    s0 = add_row(s0, x[u + c0], d, x[w + c0], g);
    s1 = add_row(s1, x[u + c1], d, x[w + c1], g);
    s2 = add_row(s2, x[u + c2], d, x[w + c2], g);
    s3 = add_row(s3, x[u + c3], d, x[w + c3], g);
    row += 2;
    if (row >= job.rows) { break; }
  }
  let step = 4 * job.width;
  put_row(job.gram + c0 * step, o0, job.width, s0);
  if (c1 != c0) { put_row(job.gram + c1 * step, o0, job.width, s1); }
  if (c2 != c1) { put_row(job.gram + c2 * step, o0, job.width, s2); }
  if (c3 != c2) { put_row(job.gram + c3 * step, o0, job.width, s3); }
}
`,muon_gram_subgroup:`// Gram matrices A = Xᵀ X of many layers, as muon_gram.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl).
// A is symmetric: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are computed again, and not stored; no lane
// leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn element(at: i32) -> vec4f { return x[at]; }
fn write(at: i32, value: vec4f) { a[at] = value; }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let blocks = (job.width + 7) / 8;
  let first = index / blocks * 8;
  let column = index % blocks * 8 + lane;
  if (index / blocks > index % blocks || index >= blocks * blocks) { return; }
  let last = job.width - 1;
  let s = block_of(job.first, job.rows, job.width, min(column, last), min(first + lane, last));
  if (column > last) { return; }
  let mirrored = index / blocks != index % blocks;
  put(job.gram, job.width, first, column, mirrored, s.s0);
  put(job.gram, job.width, first + 1, column, mirrored, s.s1);
  put(job.gram, job.width, first + 2, column, mirrored, s.s2);
  put(job.gram, job.width, first + 3, column, mirrored, s.s3);
  put(job.gram, job.width, first + 4, column, mirrored, s.s4);
  put(job.gram, job.width, first + 5, column, mirrored, s.s5);
  put(job.gram, job.width, first + 6, column, mirrored, s.s6);
  put(job.gram, job.width, first + 7, column, mirrored, s.s7);
}
`,muon_momentum:`// The first part of a step of Muon (Jordan et al. 2024), over the weights of many layers, a job for each: momentum m ← β m + (1-β) g, and Nesterov's look ahead
// x = β m + (1-β) g, which is to be orthogonalised. g is clipped by the global norm as in adam.wgsl.
// g, m, x: all parameters, of a layer job.count vec4 f32 from vec4 job.first on; norm: ‖g‖² in x. An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let gradient = g[index] * clip_scale(norm[0].x, now.max_norm);
  let first = fma(vec4f(1.0 - now.momentum), gradient - m[index], m[index]);
  m[index] = first;
  x[index] = fma(vec4f(1.0 - now.momentum), gradient - first, first);
}
`,muon_polynomial:`// The polynomial of one Newton-Schulz iteration of Muon (Jordan et al. 2024): C = scale · (3.4445 I - 4.7750 A + 2.0315 A²), for the Gram matrices A = Xᵀ X of many layers,
// a job for each, so that X ← X C brings X's singular values nearer to 1.
// FIRST 1: X is not normalised yet. Its squared Frobenius norm t is the trace of A; C is that of X/√t, over √t once more.
// a, c: from vec4 job.gram on, 4·job.width rows of as many columns. An invocation owns 16 rows by 4 columns of C; of rows beyond the last, the last is
// computed again, and not stored.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

// A row of a at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return a[job.gram + min(row, 4 * job.width - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
    at(job, row + 8, k),
    at(job, row + 9, k),
    at(job, row + 10, k),
    at(job, row + 11, k),
    at(job, row + 12, k),
    at(job, row + 13, k),
    at(job, row + 14, k),
    at(job, row + 15, k),
  );
}

// unit is 1/t, factor what all is multiplied by.
fn put(job: Job, row: i32, column: i32, unit: f32, factor: f32, square: vec4f) {
  if (row >= 4 * job.width) { return; }
  let index = job.gram + row * job.width + column;
  let identity = select(vec4f(), vec4f(vec4i(0, 1, 2, 3) == vec4i(row - 4 * column)), row / 4 == column);
  c[index] = factor * (3.4445 * identity - 4.7750 * unit * a[index] + 2.0315 * unit * (unit * square));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let width = job.width;
  if (index >= (width + 3) / 4 * width) { return; }
  let column = index % width;
  let row = index / width * 16;
  var s = Rows();
  var trace = 0.0;
  var k = 0;
  loop {
    let first = job.gram + 4 * k * width + column;
    s = add_products(s, rows(job, row, k), a[first], a[first + width], a[first + 2 * width], a[first + 3 * width]);
    if (FIRST == 1u) {
      let diagonal = job.gram + 4 * k * width + k;
      trace += (a[diagonal].x + a[diagonal + width].y) + (a[diagonal + 2 * width].z + a[diagonal + 3 * width].w);
    }
    k++;
    if (k >= width) { break; }
  }
  var unit = 1.0;
  // A gradient of zero stays zero; the squares of one much smaller than that are none any more.
  if (FIRST == 1u) { unit = select(0.0, 1.0 / trace, trace > 1e-18); }
  let factor = job.scale * sqrt(unit);
  put(job, row, column, unit, factor, s.r0);
  put(job, row + 1, column, unit, factor, s.r1);
  put(job, row + 2, column, unit, factor, s.r2);
  put(job, row + 3, column, unit, factor, s.r3);
  put(job, row + 4, column, unit, factor, s.r4);
  put(job, row + 5, column, unit, factor, s.r5);
  put(job, row + 6, column, unit, factor, s.r6);
  put(job, row + 7, column, unit, factor, s.r7);
  put(job, row + 8, column, unit, factor, s.r8);
  put(job, row + 9, column, unit, factor, s.r9);
  put(job, row + 10, column, unit, factor, s.r10);
  put(job, row + 11, column, unit, factor, s.r11);
  put(job, row + 12, column, unit, factor, s.r12);
  put(job, row + 13, column, unit, factor, s.r13);
  put(job, row + 14, column, unit, factor, s.r14);
  put(job, row + 15, column, unit, factor, s.r15);
}
`,muon_polynomial_subgroup:`// The polynomial of one Newton-Schulz iteration of Muon, as muon_polynomial.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl): A is
// symmetric, so A² = Aᵀ A, and C is symmetric too: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are
// computed again, and not stored; no lane leaves before the end.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

fn element(at: i32) -> vec4f { return a[at]; }
fn write(at: i32, value: vec4f) { c[at] = value; }

// The trace of A: each lane adds up an eighth of the diagonal, and all lanes what these have.
fn trace(job: Job, lane: i32) -> f32 {
  var own = 0.0;
  var k = 0;
  loop {
    let at = min(k + lane, job.width - 1);
    let diagonal = job.gram + (4 * job.width + 1) * at;
    let four = (a[diagonal].x + a[diagonal + job.width].y) + (a[diagonal + 2 * job.width].z + a[diagonal + 3 * job.width].w);
    own += select(0.0, four, k + lane < job.width);
    k += 8;
    if (k >= job.width) { break; }
  }
  return ((subgroupBroadcast(own, 0u) + subgroupBroadcast(own, 1u)) + (subgroupBroadcast(own, 2u) + subgroupBroadcast(own, 3u)))
    + ((subgroupBroadcast(own, 4u) + subgroupBroadcast(own, 5u)) + (subgroupBroadcast(own, 6u) + subgroupBroadcast(own, 7u)));
}

// C of four rows by four columns of A², all multiplied by \`factor\`; A is to be multiplied by \`unit\` first. Of rows beyond the last, the last are read.
fn polynomial(job: Job, row4: i32, column: i32, unit: f32, factor: f32, square: Sums) -> Sums {
  let at = job.gram + 4 * min(row4, job.width - 1) * job.width + column;
  let diagonal = select(0.0, 3.4445, row4 == column);
  return Sums(
    factor * (vec4f(diagonal, 0.0, 0.0, 0.0) - 4.7750 * unit * a[at] + 2.0315 * unit * (unit * square.i0)),
    factor * (vec4f(0.0, diagonal, 0.0, 0.0) - 4.7750 * unit * a[at + job.width] + 2.0315 * unit * (unit * square.i1)),
    factor * (vec4f(0.0, 0.0, diagonal, 0.0) - 4.7750 * unit * a[at + 2 * job.width] + 2.0315 * unit * (unit * square.i2)),
    factor * (vec4f(0.0, 0.0, 0.0, diagonal) - 4.7750 * unit * a[at + 3 * job.width] + 2.0315 * unit * (unit * square.i3)),
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let blocks = (job.width + 7) / 8;
  let first = index / blocks * 8;
  let column = index % blocks * 8 + lane;
  if (index / blocks > index % blocks || index >= blocks * blocks) { return; }
  let last = job.width - 1;
  let s = block_of(job.gram, 4 * job.width, job.width, min(column, last), min(first + lane, last));
  var unit = 1.0;
  if (FIRST == 1u) {
    let t = trace(job, lane);
    // A gradient of zero stays zero; the squares of one much smaller than that are none any more.
    unit = select(0.0, 1.0 / t, t > 1e-18);
  }
  if (column > last) { return; }
  let factor = job.scale * sqrt(unit);
  let mirrored = index / blocks != index % blocks;
  put(job.gram, job.width, first, column, mirrored, polynomial(job, first, column, unit, factor, s.s0));
  put(job.gram, job.width, first + 1, column, mirrored, polynomial(job, first + 1, column, unit, factor, s.s1));
  put(job.gram, job.width, first + 2, column, mirrored, polynomial(job, first + 2, column, unit, factor, s.s2));
  put(job.gram, job.width, first + 3, column, mirrored, polynomial(job, first + 3, column, unit, factor, s.s3));
  put(job.gram, job.width, first + 4, column, mirrored, polynomial(job, first + 4, column, unit, factor, s.s4));
  put(job.gram, job.width, first + 5, column, mirrored, polynomial(job, first + 5, column, unit, factor, s.s5));
  put(job.gram, job.width, first + 6, column, mirrored, polynomial(job, first + 6, column, unit, factor, s.s6));
  put(job.gram, job.width, first + 7, column, mirrored, polynomial(job, first + 7, column, unit, factor, s.s7));
}
`,muon_update:`// The last part of a step of Muon, over the weights of many layers, a job for each: p ← p - lr · (x + decay · p), x the orthogonalised momentum, scaled;
// average ← average + (1-ema) · (p - average). p, x, average: all parameters, of a layer job.count vec4 f32 from vec4 job.first on. An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let before = p[index];
  let after = before - now.learning_rate * (x[index] + now.decay * before);
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,optimiser_step:`// Included by the kernels of an optimiser's step: what is known of it, and pieces of work over all parameters: job.count vec4 f32 from vec4 job.first on.
struct Job { first: i32, count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32, momentum: f32,
}

// What a gradient is multiplied by, so that their global norm, whose square is given, is max_norm at most.
fn clip_scale(squared_norm: f32, max_norm: f32) -> f32 {
  let norm = sqrt(squared_norm);
  if (max_norm > 0.0 && norm > max_norm) { return max_norm / norm; }
  return 1.0;
}
`,outer16:`// Included by kernels that sum up outer products in registers, without workgroup memory: sixteen inputs by sixteen outputs, two products at a time, so that each
// sum is read and written once for two.
// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Sixteen outputs.
struct Row {
  o0: Sums,
  o1: Sums,
  o2: Sums,
  o3: Sums,
}

// Sixteen outputs of a tile.
struct Outputs {
  o0: vec4f,
  o1: vec4f,
  o2: vec4f,
  o3: vec4f,
}

// Adds the products of two tiles: a, b are four inputs, d, g four outputs.
fn add(s: Sums, a: vec4f, d: vec4f, b: vec4f, g: vec4f) -> Sums {
  return Sums(
    fma(vec4f(b.x), g, fma(vec4f(a.x), d, s.i0)),
    fma(vec4f(b.y), g, fma(vec4f(a.y), d, s.i1)),
    fma(vec4f(b.z), g, fma(vec4f(a.z), d, s.i2)),
    fma(vec4f(b.w), g, fma(vec4f(a.w), d, s.i3)),
  );
}

fn add_row(s: Row, a: vec4f, d: Outputs, b: vec4f, g: Outputs) -> Row {
  return Row(
    add(s.o0, a, d.o0, b, g.o0),
    add(s.o1, a, d.o1, b, g.o1),
    add(s.o2, a, d.o2, b, g.o2),
    add(s.o3, a, d.o3, b, g.o3),
  );
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C], y: [N,f·H,f·W,C], both f32 or f16; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = value4(
    x[start],
    select(value(), x[start + min(1, left - 1)], left > 1),
    select(value(), x[start + min(2, left - 1)], left > 2),
    select(value(), x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C], activated: the shuffled tensor x, dx: [N,H,W,f²·C], each f32 or f16, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<source>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return f32(dy[fine * 4 * params.y_c4 + k % params.channels]);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,pixel_unshuffle:`// Pixel unshuffle (space to depth): y[n, y, x, (dy·f + dx)·C + c] = x[n, y·f + dy, x·f + dx, c], f = params.factor, C = params.channels.
// x: [N,f·H,f·W,C], y: [N,H,W,f²·C], both f32 and padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// Channel k of the pixel at (n, row, column) of y; zero for the surplus channels.
fn value_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return x[fine * 4 * params.x_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.y_c4) { return; }
  let k = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  y[index] = vec4f(
    value_of(n, row, column, k),
    value_of(n, row, column, k + 1),
    value_of(n, row, column, k + 2),
    value_of(n, row, column, k + 3),
  );
}
`,probe_copy:`// Probe of the adapter's memory: copy = source, both [count] vec4 f32. An invocation owns one vec4, neighbours own neighbours.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  copy[index] = source[index];
}
`,probe_fma:`// Probe of the adapter's rate of multiply-adds: sixteen chains of vec4 fma that stay in registers, \`rounds\` × 64 of them an invocation.
// a ← a·x + y converges, so nothing overflows and nothing is known before the kernel runs. sink: [count] vec4 f32, only so that the work
// has a result. An invocation owns one vec4 of it.
struct Params { count: i32 }
struct Work { rounds: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> work: Work;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let seed = f32(index % 1024) / 1024.0;
  let x = vec4f(0.5, 0.25, 0.75, 0.125) * (seed + 0.25);
  let y = vec4f(0.1, 0.2, 0.3, 0.4);
  var a0 = x; var a1 = x + 1.0; var a2 = x + 2.0; var a3 = x + 3.0;
  var a4 = x + 4.0; var a5 = x + 5.0; var a6 = x + 6.0; var a7 = x + 7.0;
  var a8 = x + 8.0; var a9 = x + 9.0; var a10 = x + 10.0; var a11 = x + 11.0;
  var a12 = x + 12.0; var a13 = x + 13.0; var a14 = x + 14.0; var a15 = x + 15.0;
  let rounds = i32(work.rounds);
  for (var i = 0; i < rounds; i++) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
  }
  sink[index] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15;
}
`,residual_grad:`// Gradients of a residual block's s = r + y, y = activate(v), of which s and r are kept, and y is not: dv = slope of y * ds takes the place of
// ds, which nobody needs any more, and dr = slope of r * ds is added to what dr holds when params.accumulate is set.
// The slope of y is read off the sign of s - r: a positive y that is too small to change r counts as one below zero.
// Elementwise over vec4s of f32 or f16, each its own; an invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_y: u32, activation_r: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> s: array<s4>;
@group(0) @binding(2) var<storage, read> r: array<r4>;
@group(0) @binding(3) var<storage, read_write> ds: array<gradient4>;
@group(0) @binding(4) var<storage, read_write> dr: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = vec4f(ds[index]);
  let term = vec4f(r[index]);
  ds[index] = to_gradient4(gradient * slope_as(vec4f(s[index]) - term, params.activation_y));
  var to_r = gradient * slope_as(term, params.activation_r);
  if (params.accumulate != 0) { to_r += vec4f(dr[index]); }
  dr[index] = to_result4(to_r);
}
`,rows16:`// Included by kernels that multiply matrices in registers, without workgroup memory: sixteen rows, four columns of each, and what four channels add to them.
// Sixteen rows, four channels.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
  r8: vec4f,
  r9: vec4f,
  r10: vec4f,
  r11: vec4f,
  r12: vec4f,
  r13: vec4f,
  r14: vec4f,
  r15: vec4f,
}

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels of each row (x) with the four weights of each channel (i0 .. i3).
fn add_products(s: Rows, x: Rows, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> Rows {
  return Rows(
    mac(s.r0, x.r0, i0, i1, i2, i3),
    mac(s.r1, x.r1, i0, i1, i2, i3),
    mac(s.r2, x.r2, i0, i1, i2, i3),
    mac(s.r3, x.r3, i0, i1, i2, i3),
    mac(s.r4, x.r4, i0, i1, i2, i3),
    mac(s.r5, x.r5, i0, i1, i2, i3),
    mac(s.r6, x.r6, i0, i1, i2, i3),
    mac(s.r7, x.r7, i0, i1, i2, i3),
    mac(s.r8, x.r8, i0, i1, i2, i3),
    mac(s.r9, x.r9, i0, i1, i2, i3),
    mac(s.r10, x.r10, i0, i1, i2, i3),
    mac(s.r11, x.r11, i0, i1, i2, i3),
    mac(s.r12, x.r12, i0, i1, i2, i3),
    mac(s.r13, x.r13, i0, i1, i2, i3),
    mac(s.r14, x.r14, i0, i1, i2, i3),
    mac(s.r15, x.r15, i0, i1, i2, i3),
  );
}
`,rows8:`// Included by kernels of subgroups that multiply matrices in registers, without workgroup memory: eight rows, and four channels by four columns of weights.
// Eight rows, four channels or columns of each.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
}

// Four channels (fields) by four columns.
struct Weights {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of four channels with their weights.
fn mac(sum: vec4f, x: vec4f, w: Weights) -> vec4f {
  return fma(w.i3, vec4f(x.w), fma(w.i2, vec4f(x.z), fma(w.i1, vec4f(x.y), fma(w.i0, vec4f(x.x), sum))));
}
`,scale:`// g = factor * g, elementwise over vec4 f32; an invocation owns one vec4.
struct Params { count: i32, factor: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> g: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  g[index] *= params.factor;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  var index = slice * params.slice_vec4s;
  loop {
    sum = fma(g[index], g[index], sum);
    index++;
    if (index >= end) { break; }
  }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable. Several sums at
// once: a job for each. partials, from vec4 job.partials on: [slices][count] vec4 f32; total, from vec4 job.total on: [count] vec4 f32, added to
// what it holds when job.accumulate is set.
struct Job { partials: i32, total: i32, count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= job.count) { return; }
  var sum = vec4f();
  var slice = 0;
  loop {
    sum += partials[job.partials + slice * job.count + index];
    slice++;
    if (slice >= job.slices) { break; }
  }
  if (job.accumulate != 0) { sum += total[job.total + index]; }
  total[job.total + index] = sum;
}
`,symmetric_block:`// Included by kernels of subgroups of eight lanes, a workgroup each, that make blocks of 32 by 32 elements of symmetric products Xᵀ X; they declare \`element\`, a vec4 of X,
// and \`write\`, which stores one of what they make.
// A lane owns 32 rows by four columns (32 vec4 accumulators), each lane other columns and all the same rows: they load what makes these once between
// them and hand it around, 4 loads for 64 multiply-adds of vec4s.

// Four rows (fields) by four columns.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Eight times four rows by four columns.
struct Block {
  s0: Sums,
  s1: Sums,
  s2: Sums,
  s3: Sums,
  s4: Sums,
  s5: Sums,
  s6: Sums,
  s7: Sums,
}

// Adds what two rows of X give: p and q their four elements for the rows of the product, d and e for its columns.
fn add(s: Sums, p: vec4f, d: vec4f, q: vec4f, e: vec4f) -> Sums {
  return Sums(
    fma(vec4f(q.x), e, fma(vec4f(p.x), d, s.i0)),
    fma(vec4f(q.y), e, fma(vec4f(p.y), d, s.i1)),
    fma(vec4f(q.z), e, fma(vec4f(p.z), d, s.i2)),
    fma(vec4f(q.w), e, fma(vec4f(p.w), d, s.i3)),
  );
}

// A lane's part of a block. X: \`rows\` rows, an even number, of \`width\` vec4s from vec4 \`first\` on; \`own\`: the vec4 of the lane's columns, \`share\`: that of the rows that it loads for all.
fn block_of(first: i32, rows: i32, width: i32, own: i32, share: i32) -> Block {
  var s = Block();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = first + row * width;
    let d = element(u + own);
    let e = element(u + width + own);
    let p = element(u + share);
    let q = element(u + width + share);
    s.s0 = add(s.s0, subgroupBroadcast(p, 0u), d, subgroupBroadcast(q, 0u), e);
    s.s1 = add(s.s1, subgroupBroadcast(p, 1u), d, subgroupBroadcast(q, 1u), e);
    s.s2 = add(s.s2, subgroupBroadcast(p, 2u), d, subgroupBroadcast(q, 2u), e);
    s.s3 = add(s.s3, subgroupBroadcast(p, 3u), d, subgroupBroadcast(q, 3u), e);
    s.s4 = add(s.s4, subgroupBroadcast(p, 4u), d, subgroupBroadcast(q, 4u), e);
    s.s5 = add(s.s5, subgroupBroadcast(p, 5u), d, subgroupBroadcast(q, 5u), e);
    s.s6 = add(s.s6, subgroupBroadcast(p, 6u), d, subgroupBroadcast(q, 6u), e);
    s.s7 = add(s.s7, subgroupBroadcast(p, 7u), d, subgroupBroadcast(q, 7u), e);
    row += 2;
    if (row >= rows) { break; }
  }
  return s;
}

fn store(first: i32, width: i32, row4: i32, column: i32, s: Sums) {
  let at = first + 4 * row4 * width + column;
  write(at, s.i0);
  write(at + width, s.i1);
  write(at + 2 * width, s.i2);
  write(at + 3 * width, s.i3);
}

// Stores four rows by four columns that are there, of a symmetric matrix of \`width\` vec4s a row from vec4 \`first\` on; \`mirrored\`: on the other side of its diagonal, too.
fn put(first: i32, width: i32, row4: i32, column: i32, mirrored: bool, s: Sums) {
  if (row4 >= width) { return; }
  store(first, width, row4, column, s);
  if (mirrored) {
    let t = transpose(mat4x4f(s.i0, s.i1, s.i2, s.i3));
    store(first, width, column, row4, Sums(t[0], t[1], t[2], t[3]));
  }
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4], y: [N,2H,2W,4·c4], both f32 or f16. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = vec4f(x[(near_row * params.width + near_column) * params.c4 + c]);
  if (BILINEAR == 0u) {
    y[index] = value4(near);
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = vec4f(x[(near_row * params.width + far_column) * params.c4 + c]);
    let over = vec4f(x[(far_row * params.width + near_column) * params.c4 + c]);
    let across = vec4f(x[(far_row * params.width + far_column) * params.c4 + c]);
    y[index] = value4(0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across);
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4], activated: the upsampled tensor x, dx: [N,H,W,4·c4], each f32 or f16; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    let below = at + fine_width * params.c4;
    gradient = (vec4f(dy[at]) + vec4f(dy[at + params.c4])) + (vec4f(dy[below]) + vec4f(dy[below + params.c4]));
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        let at = ((fine_row + y) * fine_width + x) * params.c4 + c;
        gradient += (vertical * share(x, column, params.width)) * vec4f(dy[at]);
      }
    }
  }
  gradient *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4], f32 or f16: tiles first .. first + count of the image, by rows;
// those behind them, as far as there are invocations, are zero.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read_write> v: array<transformed4>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec4f(), vec4f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.x4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  var d = Six();
  d.x0 = pixel(base, column, c, inside);
  d.x1 = pixel(base, column + 1, c, inside);
  d.x2 = pixel(base, column + 2, c, inside);
  d.x3 = pixel(base, column + 3, c, inside);
  if (TILE == 4) {
    d.x4 = pixel(base, column + 4, c, inside);
    d.x5 = pixel(base, column + 5, c, inside);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = transformed4(s.x0);
  v[at + (TILE + 2 + column) * step] = transformed4(s.x1);
  v[at + (2 * (TILE + 2) + column) * step] = transformed4(s.x2);
  v[at + (3 * (TILE + 2) + column) * step] = transformed4(s.x3);
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = transformed4(s.x4);
    v[at + (5 * (TILE + 2) + column) * step] = transformed4(s.x5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.stored * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  // A row that is far outside: zeros.
  let row = select(-2 * TILE, tile / params.across % params.down * TILE - 1, place < params.count);
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * params.source4;
  let at = place * params.source4 + params.first4 + c;
  store(0, at, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, at, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, at, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, at, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, at, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, at, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
`,winograd_output:`// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at \`activated\`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4], tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4]; each f32 or f16.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<transformed4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

override FORWARD: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = vec4f(m[first + 4 * step]);
    far5 = vec4f(m[first + 5 * step]);
  }
  return gather(
    vec4f(m[first]),
    vec4f(m[first + step]),
    vec4f(m[first + 2 * step]),
    vec4f(m[first + 3 * step]),
    far4,
    far5,
  );
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    var result = activate_as(value + added, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = vec4f(bias[c]); }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles, for subgroups of eight lanes that are a workgroup each (behind rows8.wgsl), on adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of ROWS.
// The lanes own the same ROWS rows (16 or 32), each another vec4 of columns, or COLUMNS4 of them (1, 2 or 3) eight apart. They load each row once between
// them and hand it around: ROWS / 8 + 4·COLUMNS4 loads for ROWS·4·COLUMNS4 multiply-adds of vec4s. No lane leaves before the end: what is broadcast has to
// be there.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Four columns of all rows.
struct Column {
  a: Rows,
  b: Rows,
  c: Rows,
  d: Rows,
}

// Of each eight rows the one that this lane loads, four channels.
struct Sources {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

// Adds the products of eight rows, of which lane i holds the i-th.
fn add_rows(s: Rows, x: vec4f, w: Weights) -> Rows {
  return Rows(
    mac(s.r0, subgroupBroadcast(x, 0u), w),
    mac(s.r1, subgroupBroadcast(x, 1u), w),
    mac(s.r2, subgroupBroadcast(x, 2u), w),
    mac(s.r3, subgroupBroadcast(x, 3u), w),
    mac(s.r4, subgroupBroadcast(x, 4u), w),
    mac(s.r5, subgroupBroadcast(x, 5u), w),
    mac(s.r6, subgroupBroadcast(x, 6u), w),
    mac(s.r7, subgroupBroadcast(x, 7u), w),
  );
}

// What is not used is not loaded.
fn sources(at: i32) -> Sources {
  let eight = 8 * params.source4;
  var x = Sources();
  x.a = v[at];
  x.b = v[at + eight];
  if (ROWS > 16) {
    x.c = v[at + 2 * eight];
    x.d = v[at + 3 * eight];
  }
  return x;
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(before: Column, x: Sources, at: i32) -> Column {
  let w = Weights(u[at], u[at + params.target4], u[at + 2 * params.target4], u[at + 3 * params.target4]);
  var s = before;
  s.a = add_rows(s.a, x.a, w);
  s.b = add_rows(s.b, x.b, w);
  if (ROWS > 16) {
    s.c = add_rows(s.c, x.c, w);
    s.d = add_rows(s.d, x.d, w);
  }
  return s;
}

fn store_rows(at: i32, s: Rows) {
  m[at] = s.r0;
  m[at + params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
}

// Stores a column that is there.
fn store(row: i32, column: i32, s: Column) {
  if (column >= params.target4) { return; }
  let eight = 8 * params.target4;
  let at = row * params.target4 + column;
  store_rows(at, s.a);
  store_rows(at + eight, s.b);
  if (ROWS > 16) {
    store_rows(at + 2 * eight, s.c);
    store_rows(at + 3 * eight, s.d);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let index = i32(group.x + group.y * groups.x);
  let across = (params.target4 + WORKGROUP * COLUMNS4 - 1) / (WORKGROUP * COLUMNS4);
  let down = params.rows / ROWS;
  if (index >= params.parts * down * across) { return; }
  let last = params.target4 - 1;
  let column = index % across * WORKGROUP * COLUMNS4 + lane;
  let part = index / (across * down);
  let row = part * params.rows + index / across % down * ROWS;

  var s0 = Column();
  var s1 = Column();
  var s2 = Column();
  var c = 0;
  loop {
    let x = sources((row + lane) * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + min(column, last));
    if (COLUMNS4 > 1) { s1 = add(s1, x, at + min(column + WORKGROUP, last)); }
    if (COLUMNS4 > 2) { s2 = add(s2, x, at + min(column + 2 * WORKGROUP, last)); }
    c++;
    if (c >= params.source4) { break; }
  }
  store(row, column, s0);
  if (COLUMNS4 > 1) { store(row, column + WORKGROUP, s1); }
  if (COLUMNS4 > 2) { store(row, column + 2 * WORKGROUP, s2); }
}
`,winograd_spread_grad:`// Tiles of a gradient for the weight gradient by Winograd F(4×4, 3×3): E = A dY Aᵀ, where dY are the 4×4 pixels of a tile of results: how much each of
// the 36 products counts in them (the transpose of winograd_output's Y = Aᵀ M A).
// dy: [N,H,W,4·target4] f32 or f16, zero outside. e: [36][params.stored tiles][4·target4] f32: tiles first .. first + count of the image, by rows; those
// behind them, as far as there are invocations, are zero.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read_write> e: array<vec4f>;

struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// A times a column of four.
fn spread(d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) -> Six {
  let even = d0 + d2;
  let odd = d1 + d3;
  let far_even = d0 + 4.0 * d2;
  let far_odd = 2.0 * (d1 + 4.0 * d3);
  return Six(d0, even + odd, even - odd, far_even + far_odd, far_even - far_odd, d3);
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.target4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = min(row, params.height - 1);
  let inside = row == kept;
  let base = (n * params.height + kept) * params.width;
  return spread(
    pixel(base, column, c, inside),
    pixel(base, column + 1, c, inside),
    pixel(base, column + 2, c, inside),
    pixel(base, column + 3, c, inside),
  );
}

fn store(column: i32, at: i32, step: i32, d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) {
  let s = spread(d0, d1, d2, d3);
  e[at + column * step] = s.x0;
  e[at + (6 + column) * step] = s.x1;
  e[at + (12 + column) * step] = s.x2;
  e[at + (18 + column) * step] = s.x3;
  e[at + (24 + column) * step] = s.x4;
  e[at + (30 + column) * step] = s.x5;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.stored * params.target4) { return; }
  let c = index % params.target4;
  let place = index / params.target4;
  let tile = params.first + place;
  let column = tile % params.across * 4;
  // A row that is far outside: zeros.
  let row = select(params.height, tile / params.across % params.down * 4, place < params.count);
  let n = tile / (params.across * params.down);

  let r0 = pixels(n, row, column, c);
  let r1 = pixels(n, row + 1, column, c);
  let r2 = pixels(n, row + 2, column, c);
  let r3 = pixels(n, row + 3, column, c);
  let step = params.stored * params.target4;
  store(0, index, step, r0.x0, r1.x0, r2.x0, r3.x0);
  store(1, index, step, r0.x1, r1.x1, r2.x1, r3.x1);
  store(2, index, step, r0.x2, r1.x2, r2.x2, r3.x2);
  store(3, index, step, r0.x3, r1.x3, r2.x3, r3.x3);
  store(4, index, step, r0.x4, r1.x4, r2.x4, r3.x4);
  store(5, index, step, r0.x5, r1.x5, r2.x5, r3.x5);
}
`,winograd_weight_grad:`// Weight gradient of a 3×3 convolution from its products in the space of Winograd F(4×4, 3×3): dw = Gᵀ P G (the transpose of winograd_weights' U = G g Gᵀ).
// p: [36][params.slices][4·source4 inputs][target4] vec4 f32, summed over the slices in their order; dw: [9 taps][4·source4][target4] vec4 f32; params.size
// is 4·source4·target4. An invocation makes the nine taps of one input by four outputs.
struct Params { size: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> p: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;

struct Three {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
}

// Gᵀ times a column of six.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Three {
  let even = (m1 + m2) / 6.0;
  let far_even = m3 + m4;
  return Three(
    m0 / 4.0 - even + far_even / 24.0,
    (m2 - m1) / 6.0 + (m3 - m4) / 12.0,
    far_even / 6.0 - even + m5,
  );
}

fn product_of(part: i32, at: i32) -> vec4f {
  let first = part * params.slices * params.size + at;
  var sum = p[first];
  for (var slice = 1; slice < params.slices; slice++) { sum += p[first + slice * params.size]; }
  return sum;
}

fn row_of(i: i32, at: i32) -> Three {
  return gather(
    product_of(6 * i, at),
    product_of(6 * i + 1, at),
    product_of(6 * i + 2, at),
    product_of(6 * i + 3, at),
    product_of(6 * i + 4, at),
    product_of(6 * i + 5, at),
  );
}

fn put(column: i32, at: i32, t: Three) {
  dw[at + column * params.size] = t.g0;
  dw[at + (3 + column) * params.size] = t.g1;
  dw[at + (6 + column) * params.size] = t.g2;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.size) { return; }
  let r0 = row_of(0, index);
  let r1 = row_of(1, index);
  let r2 = row_of(2, index);
  let r3 = row_of(3, index);
  let r4 = row_of(4, index);
  let r5 = row_of(5, index);
  put(0, index, gather(r0.g0, r1.g0, r2.g0, r3.g0, r4.g0, r5.g0));
  put(1, index, gather(r0.g1, r1.g1, r2.g1, r3.g1, r4.g1, r5.g1));
  put(2, index, gather(r0.g2, r1.g2, r2.g2, r3.g2, r4.g2, r5.g2));
}
`,winograd_weight_product:`// Products for the weight gradient in the space of Winograd's tiles, without workgroup memory: p[part][c][:] = sum over t of v[part][t][c] * e[part][t][:].
// v: [parts][params.stored][4·source4] f32, e: [parts][params.stored][4·target4] f32, of which the tiles t < params.count are read;
// p: [parts][4·source4][target4] vec4 f32, added to what it holds when params.accumulate is set.
// An invocation owns 16 inputs by 16 outputs (64 vec4 accumulators) and takes two tiles at a time: 16 loads for 128 multiply-adds of vec4s, each
// sum read and written once for two products. Where channels are no multiple of 16, the last vec4 is computed again, and not stored.
struct Params { parts: i32, count: i32, stored: i32, source4: i32, target4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> e: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;

fn put(at: i32, s: Sums) {
  var sum = s;
  if (params.accumulate != 0) {
    sum.i0 += p[at];
    sum.i1 += p[at + params.target4];
    sum.i2 += p[at + 2 * params.target4];
    sum.i3 += p[at + 3 * params.target4];
  }
  p[at] = sum.i0;
  p[at + params.target4] = sum.i1;
  p[at + 2 * params.target4] = sum.i2;
  p[at + 3 * params.target4] = sum.i3;
}

// Stores those vec4s of outputs that are there.
fn put_row(at: i32, o: i32, s: Row) {
  put(at + o, s.o0);
  if (o + 1 < params.target4) { put(at + o + 1, s.o1); }
  if (o + 2 < params.target4) { put(at + o + 2, s.o2); }
  if (o + 3 < params.target4) { put(at + o + 3, s.o3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (params.target4 + 3) / 4;
  let down = (params.source4 + 3) / 4;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let c0 = index / across % down * 4;
  let c1 = min(c0 + 1, params.source4 - 1);
  let c2 = min(c0 + 2, params.source4 - 1);
  let c3 = min(c0 + 3, params.source4 - 1);
  let part = index / (across * down);

  var s0 = Row();
  var s1 = Row();
  var s2 = Row();
  var s3 = Row();
  var tile = 0;
  loop {
    // Of an odd count the last tile is read twice, and counts once.
    let second = min(tile + 1, params.count - 1);
    let there = f32(second - tile);
    let x = (part * params.stored + tile) * params.source4;
    let y = (part * params.stored + second) * params.source4;
    let d_at = (part * params.stored + tile) * params.target4;
    let g_at = (part * params.stored + second) * params.target4;
    let d = Outputs(e[d_at + o0], e[d_at + o1], e[d_at + o2], e[d_at + o3]);
    let g = Outputs(there * e[g_at + o0], there * e[g_at + o1], there * e[g_at + o2], there * e[g_at + o3]);
    s0 = add_row(s0, v[x + c0], d, v[y + c0], g);
    s1 = add_row(s1, v[x + c1], d, v[y + c1], g);
    s2 = add_row(s2, v[x + c2], d, v[y + c2], g);
    s3 = add_row(s3, v[x + c3], d, v[y + c3], g);
    tile += 2;
    if (tile >= params.count) { break; }
  }
  let input = 4 * params.target4;
  let at = part * params.source4 * input;
  put_row(at + c0 * input, o0, s0);
  if (c1 != c0) { put_row(at + c1 * input, o0, s1); }
  if (c2 != c1) { put_row(at + c2 * input, o0, s2); }
  if (c3 != c2) { put_row(at + c3 * input, o0, s3); }
}
`,winograd_weights:`// Weights of 3×3 convolutions for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels, those of many
// layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs; u, from vec4 job.u on:
// [(TILE+2)²][4·source4][target4] vec4 over channels of the result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Job { weight: i32, u: i32, in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(job: Job, tap: i32, input: i32, output: i32) -> f32 {
  let row = ((8 - tap) * job.in4 * 4 + job.first4 * 4 + input) * job.out4;
  return f32(weights[job.weight + row + output / 4][output % 4]);
}

fn tap(job: Job, index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weights[job.weight + (index * job.in4 * 4 + source) * job.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(job, index, first, source), turned(job, index, first + 1, source),
    turned(job, index, first + 2, source), turned(job, index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = job.source4 * 4 * job.target4;
  if (index >= size) { return; }
  let result = index % job.target4;
  let source = index / job.target4;
  let left = spread(tap(job, 0, source, result), tap(job, 3, source, result), tap(job, 6, source, result));
  let middle = spread(tap(job, 1, source, result), tap(job, 4, source, result), tap(job, 7, source, result));
  let right = spread(tap(job, 2, source, result), tap(job, 5, source, result), tap(job, 8, source, result));
  let at = job.u + index;
  store(0, at, size, left.g0, middle.g0, right.g0);
  store(1, at, size, left.g1, middle.g1, right.g1);
  store(2, at, size, left.g2, middle.g2, right.g2);
  store(3, at, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, at, size, left.g4, middle.g4, right.g4);
    store(5, at, size, left.g5, middle.g5, right.g5);
  }
}
`};var ds={read:"read-only-storage",read_write:"storage",uniform:"uniform"};function ps({jobs:r,bindings:e}){return[r?"read":"uniform",...Object.values(e)].map(t=>ds[t])}var ms="clamp(v, vec4f(-65504.0), vec4f(65504.0))";function fs(r,e,t={}){let a=r.prelude??[];for(let c of a)if(e[c]===void 0)throw new x(`Cannot compile ${r.name}: the constant ${c} is not given`);let o=Object.keys(r.types??{}),s=c=>t[c]??"f32",n=c=>`alias ${c} = ${c.endsWith("4")?`vec4<${s(c)}>`:s(c)};
`,i=c=>{if(!r.types[c].some(f=>r.bindings[f]==="read_write")||!c.endsWith("4"))return"";let p=s(c)==="f16"?`${c}(${ms})`:"v";return`fn to_${c}(v: vec4f) -> ${c} { return ${p}; }
`},l=[o.some(c=>t[c]==="f16")?`enable f16;
`:"",...o.map(n),...o.map(i),...a.map(c=>`const ${c} = ${e[c]};
`),...(r.includes??[]).map(c=>kt[c]),kt[r.name]].join(""),u=Object.fromEntries(Object.entries(e).filter(([c])=>!a.includes(c)));return{code:l,overrides:u}}async function Er(r,e,t,a={}){let{code:o,overrides:s}=fs(e,t,a);r.pushErrorScope("validation");let n=r.createShaderModule({label:e.name,code:o}),i=r.createBindGroupLayout({label:e.name,entries:ps(e).map((c,d)=>({binding:d,visibility:GPUShaderStage.COMPUTE,buffer:{type:c}}))}),l=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:n,entryPoint:"main",constants:s}}),u=await r.popErrorScope();if(u)throw new x(`Cannot compile ${e.name} ${JSON.stringify({...t,...a})}: ${u.message}`);return{kernel:e,pipeline:l,layout:i}}var hs=200;async function Cr(r={}){let e=await Or();if(!e)throw new E("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:t,summary:a}=e,o=["timestamp-query",...r.half?[xt]:[]],{limits:s}=t,n=c=>t.requestDevice({requiredFeatures:c,requiredLimits:{maxStorageBufferBindingSize:s.maxStorageBufferBindingSize,maxBufferSize:s.maxBufferSize,maxUniformBufferBindingSize:s.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:s.maxComputeWorkgroupStorageSize}}),i=o.filter(c=>t.features.has(c)),u=a.llvm!==void 0&&!t.features.has(_t)?Pr(t):void 0;if(u!==void 0)try{return new ze(await n([...i,_t]),{...a,subgroup:u})}catch{}return new ze(await n(i),a)}var ze=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#a=new Map;#o;#s=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#s||(this.#o??=new ie(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#o??=o instanceof GPUOutOfMemoryError?new q(`The GPU is out of memory: ${o.message}`):new x(`The GPU refused a command: ${o.message}`)})}get half(){return this.device.features.has(xt)}check(){if(this.#s)throw new x("Cannot use a Gpu that was disposed");if(this.#o)throw this.#o}async loss(){let e=Promise.withResolvers(),t=setTimeout(()=>e.resolve(void 0),hs),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(t),a&&new ie(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,t,a){this.check();let o=Math.max(16,Math.ceil(t/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new q(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let s=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(s),this.#r+=o,this.#t=Math.max(this.#t,this.#r),s}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||a.byteLength%4!==0||t+a.byteLength>e.size)throw new x(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={},a={}){let o=`${e.name} ${JSON.stringify(Object.entries({...t,...a}).sort())}`,s=this.#a.get(o);return s||Er(this.device,e,t,a).then(n=>(this.#a.set(o,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#s){this.#s=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#a.clear(),this.device.destroy()}}};var gs=[1,2,4],ws=[1,2,4];function qe(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,o=(u,c,d,p)=>{if(!Number.isInteger(c)||c<d||c>p)throw new RangeError(`Cannot make a U-Net: ${u} must be a whole number from ${d} to ${p}, got ${c}`)};o("base",e,1,512),o("depth",t,0,6),o("blocks",a,1,16);let s={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(u,c)=>e*2**c),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,corrects:r.corrects??"all",filled:r.filled??!1,residualBlocks:r.residualBlocks??!0,unshuffle:r.unshuffle??1,scale:r.scale??1};if(!gs.includes(s.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${s.scale}`);if(!ws.includes(s.unshuffle))throw new RangeError(`Cannot make a U-Net: unshuffle must be 1, 2 or 4, got ${s.unshuffle}`);if(s.unshuffle!==1&&s.scale!==1)throw new RangeError(`Cannot make a U-Net: unshuffle=${s.unshuffle} needs scale=1`);o("channels",s.channels,1,16);let{widths:n,encoderBlocks:i,decoderBlocks:l}=s;if(n.forEach(u=>o("a width",u,1,4096)),i.forEach(u=>o("a scale's encoder blocks",u,1,16)),l.forEach(u=>o("a scale's decoder blocks",u,1,16)),i.length!==n.length||l.length!==n.length-1)throw new RangeError(`Cannot make a U-Net: ${n.length} widths want ${n.length} encoder and ${n.length-1} decoder block counts, got ${i.length} and ${l.length}`);for(let[u,c,d]of[["activation",s.activation,["none","relu","leaky-relu"]],["down",s.down,["max-pool","stride"]],["up",s.up,["nearest","bilinear"]],["corrects",s.corrects,["all","extremes","holes"]]])if(!d.includes(c))throw new RangeError(`Cannot make a U-Net: ${u} must be one of ${d.join(", ")}, got ${c}`);if(s.corrects!=="all"&&!(s.residual&&s.scale===1))throw new RangeError(`Cannot make a U-Net: corrects=${s.corrects} needs residual=true and scale=1`);return s}function He(r){return r.unshuffle*2**(r.widths.length-1)}function Z(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:o,activation:s,down:n,up:i,residual:l,residualBlocks:u,unshuffle:c}=r,d=r.scale,p=[],f=[],m=(w,k,T,O,G,K=1,H=3)=>{p.push({op:"conv2d",name:w,inputs:k,output:w,kernel:H,stride:K,inChannels:T,outChannels:O,activation:G});let Y=T.reduce((D,V)=>D+V,0);return f.push({name:`${w}.weight`,shape:[H,H,Y,O]},{name:`${w}.bias`,shape:[O]}),w},h=(w,k,T)=>{let O=m(w,[k],[T],T,s);return u?(p.push({op:"add",inputs:[k,O],output:`${w}.sum`}),`${w}.sum`):O},g=t.length-1,b=[],v=r.filled?"filled":void 0;v&&p.push({op:"fillHoles",input:"image",output:v});let _=w=>{if(c===1)return w;let k=`${w}.unshuffled`;return p.push({op:"pixelUnshuffle",input:w,output:k,factor:c}),k},R=(v?["image",v]:["image"]).map(_),y=R[0],S=e*c**2;for(let w=0;w<=g;w++){w>0&&(b.push(y),n==="stride"?(y=m(`down${w}`,[y],[S],t[w],s,2),S=t[w]):(p.push({op:"maxPool",input:y,output:`pool${w}`}),y=`pool${w}`));let k=w===0?R:[y];y=m(`enc${w}.0`,k,k.map(()=>S),t[w],s),S=t[w];for(let T=1;T<a[w];T++)y=h(`enc${w}.${T}`,y,S)}for(let w=g-1;w>=0;w--){p.push({op:"upsample",input:y,output:`up${w}`,mode:i}),y=m(`dec${w}.0`,[`up${w}`,b[w]],[S,t[w]],t[w],s),S=t[w];for(let k=1;k<o[w];k++)y=h(`dec${w}.${k}`,y,S)}let A=d===1?c:d;if(y=m("out",[y],[S],e*A**2,"none"),A!==1&&(p.push({op:"pixelShuffle",input:y,output:"shuffled",factor:A}),y="shuffled"),l){let w="image";for(let k=2;k<=d;k*=2)p.push({op:"upsample",input:w,output:`image.x${k}`,mode:"bilinear"}),w=`image.x${k}`;p.push(r.corrects==="all"?{op:"add",inputs:[w,y],output:"restored"}:{op:"addAtExtremes",inputs:[w,v??w,y],extremes:r.corrects==="holes"?"holes":"values",output:"restored"}),y="restored"}return{nodes:p,parameters:f,output:y}}function Ur(r){let e=Z(r).nodes.filter(t=>t.op==="conv2d");return new Set(e.slice(1,-1).map(({name:t})=>`${t}.weight`))}var vs=.1,ys=.5;function Mr(r,e){let t=Z(r),a=new Map,o=new Set(t.nodes.flatMap(n=>n.op==="add"?[`${n.inputs[1]}.weight`]:[]));for(let n of t.nodes)n.op==="conv2d"&&a.set(`${n.name}.weight`,n.activation);let s=new Map;return t.parameters.forEach(({name:n,shape:i},l)=>{let u=new Float32Array(B(i)),c=a.get(n);if(c!==void 0){let d=c==="none"?1:c==="leaky-relu"?.1:0,p=B(i.slice(0,-1)),m=(n==="out.weight"&&r.residual?vs:o.has(n)?ys:1)*Math.sqrt(2/((1+d**2)*p)),h=new de(e,l);for(let g=0;g<u.length;g++)u[g]=m*h.normal()}s.set(n,u)}),s}var xs=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function Te(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=xs[(t^r[a])&255]^t>>>8;return~t>>>0}function fe(r){return Float32Array.from(r,e=>{let t=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:t*(1/0):t*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var Nr=2**52;function he(r){let e=new Uint32Array(r.buffer,r.byteOffset,r.length),t=new Uint16Array(r.length);for(let a=0;a<r.length;a++){let o=e[a]>>>16&32768,s=e[a]&2147483647,n;s>2139095040?n=32256:s>=1199566848?n=31744:s<947912704?n=Math.abs(r[a])*2**24+Nr-Nr:n=s-939524096+4095+(s>>>13&1)>>>13,t[a]=o|n}return t}var ge={F32:4,F16:2},_s=65504,ks=1e8,Ae="crc32",St="00000000";function Ir(r){let e=[...r.tensors].map(([u,c])=>({name:u,...c,dtype:c.dtype??"F32"})).sort((u,c)=>ge[c.dtype]-ge[u.dtype]),t={__metadata__:{...r.metadata,[Ae]:St}},a=0;for(let{name:u,shape:c,data:d,dtype:p}of e){if(d.length!==B(c))throw new RangeError(`Cannot store tensor "${u}": shape ${P(c)} has not ${d.length} values`);if(u==="__metadata__")throw new RangeError(`Cannot store a tensor of the reserved name "${u}"`);let f=a+d.length*ge[p];t[u]={dtype:p,shape:c,data_offsets:[a,f]},a=f}let o=new TextEncoder().encode(JSON.stringify(t)),s=Math.ceil(o.length/8)*8,n=new Uint8Array(8+s+a);new DataView(n.buffer).setUint32(0,s,!0),n.fill(32,8,8+s),n.set(o,8);let i=8+s;for(let{name:u,data:c,dtype:d}of e){if(d==="F32")n.set(new Uint8Array(c.buffer,c.byteOffset,c.byteLength),i);else{let p=As(c,u);n.set(new Uint8Array(p.buffer),i)}i+=c.length*ge[d]}let l=Br(n,s);return n.set(new TextEncoder().encode(Lr(Te(n))),l),n}function Gr(r,e){let t=h=>{throw new E(`Cannot read ${we(e)} as safetensors: ${h}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>ks&&t(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>r.length-8&&t(`its header claims ${o} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let s=Ss(r.subarray(8,8+o),t),{__metadata__:n={},...i}=s;(!Rt(n)||Object.values(n).some(h=>typeof h!="string"))&&t("its metadata is not a list of strings; the file is damaged");let l=r.subarray(8+o),u=[],c=new Map,d=Object.entries(i).map(([h,g])=>{let b=Rs(h,g,l.length,t);return u.push(b),{tensor:h,...b}});u.sort((h,g)=>h.begin-g.begin||h.end-g.end);let p=0;for(let{begin:h,end:g}of u)h!==p&&t(`its tensors overlap or leave a gap at byte ${Math.min(h,p)}; the file is damaged`),p=g;p!==l.length&&t(`its tensors fill ${p} bytes, but ${l.length} follow the header; the file is damaged`),Ts(r,o,n,t);for(let{tensor:h,dtype:g,shape:b,begin:v,end:_}of d){let R=l.slice(v,_).buffer,y=g==="F32"?new Float32Array(R):fe(new Uint16Array(R));c.set(h,{dtype:g,shape:b,data:y})}let{[Ae]:f,...m}=n;return{tensors:c,metadata:m}}function Ss(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return Rt(t)?t:e("its header is no JSON object; the file is damaged")}function Rs(r,e,t,a){let o=c=>a(`tensor ${we(r)} has ${c}; the file is damaged`);if(!Rt(e))return o("no description");let{dtype:s,shape:n,data_offsets:i}=e;if(s!=="F32"&&s!=="F16")return a(`tensor ${we(r)} is of type ${we(String(s))}; only F32 and F16 can be read`);if(!Array.isArray(n)||!n.every(jr))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(jr))return o("no valid offsets");let[l,u]=i;return u<l?o(`offsets ${l} to ${u}`):u>t?a(`tensor ${we(r)} ends at byte ${u} of the data, but the file holds ${t}; it is truncated or damaged`):u-l!==B(n)*ge[s]?o(`${u-l} bytes, but shape ${P(n)} of ${s} takes ${B(n)*ge[s]}`):{dtype:s,shape:n,begin:l,end:u}}function Ts(r,e,t,a){if(!Object.hasOwn(t,Ae))return;let o=Br(r,e);if(o!==void 0){let s=new TextEncoder().encode(St),n=r.subarray(o+s.length),i=Te(n,Te(s,Te(r.subarray(0,o))));if(Lr(i)===t[Ae])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Br(r,e){let t=new TextEncoder().encode(`"${Ae}":"`),a=8+e-t.length-St.length;for(let o=8;o<=a;o++)if(t.every((s,n)=>r[o+n]===s))return o+t.length}function As(r,e){let t=he(r),a=t.findIndex((o,s)=>(o&32767)===31744&&Number.isFinite(r[s]));if(a>=0)throw new E(`Cannot store tensor ${we(e)} as F16: the value ${r[a]} is beyond ±${_s}; store it as F32`);return t}function we(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Lr=r=>r.toString(16).padStart(8,"0"),jr=r=>Number.isSafeInteger(r)&&r>=0,Rt=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var Tt="clairnet-1",Os="pt",Ot=["name","recipe","loss","data","created","version","license","note"],At=["seed","steps"];function Ve(r={}){return{...Object.fromEntries(Ot.map(t=>[t,""])),seed:0,steps:0,metrics:{},...r}}function $r(r,e={}){let t=new Map;for(let[a,o]of Ps(r))t.set(a,{...o,dtype:e.dtype??"F32"});for(let[a,o]of e.tensors??[]){if(!a.includes("/"))throw new RangeError(`Cannot store extra tensor "${a}": its name must hold a "/"`);t.set(a,o)}return Ir({tensors:t,metadata:{...e.metadata,...Es(r)}})}function Ps({topology:r,parameters:e}){let t=new Map,a=Z(r).parameters;for(let{name:o,shape:s}of a){let n=e.get(o);if(!n)throw new RangeError(`Cannot store the model: parameter "${o}" is missing`);if(n.length!==B(s))throw new RangeError(`Cannot store the model: parameter "${o}" is ${P(s)}, got ${n.length} values`);Wr(n,`Cannot store the model: parameter "${o}"`),t.set(o,{shape:s,data:n})}if(e.size!==a.length)throw new RangeError(`Cannot store the model: it has ${e.size} parameters, its topology ${a.length}`);return t}function Es({topology:r,info:e}){for(let a of At)if(!Kr(e[a]))throw new RangeError(`Cannot store the model: ${a} must be a whole number from 0 on, got ${e[a]}`);let t={format:Tt,topology:JSON.stringify(r)};for(let a of Ot)t[a]=e[a];for(let a of At)t[a]=String(e[a]);return t.metrics=JSON.stringify(e.metrics,(a,o)=>Number.isFinite(o)?o:typeof o=="number"?String(o):o),t}function Pt(r,e="the given bytes"){return Cs(Gr(r,e),e)}function Cs(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=r;if(a.format!==Tt||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`,l=a.format===Os?"; if it is one in PyTorch's layout, 'clairnet models import' turns it back":"";throw new E(`${t}: its metadata has ${i}, where Clairnet's models have "${Tt}"${l}`)}let s=Us(a.topology,t),n=new Map;for(let{name:i,shape:l}of Z(s).parameters){let u=o.get(i);if(!u)throw new E(`${t}: tensor "${i}" (${P(l)}) is missing`);if(P(u.shape)!==P(l))throw new E(`${t}: tensor "${i}" has shape ${P(u.shape)}, but its topology wants ${P(l)}`);Wr(u.data,`${t}: tensor "${i}"`),n.set(i,u.data)}for(let i of o.keys())if(!n.has(i)&&!i.includes("/"))throw new E(`${t}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:s,parameters:n,info:Ms(a,t)}}function Wr(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new E(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function Us(r,e){try{let{channels:t,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:l,residual:u,corrects:c="all",filled:d=!1,residualBlocks:p,unshuffle:f=1,scale:m}=JSON.parse(r);for(let[h,g]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:s}))if(!Array.isArray(g))throw new RangeError(`${h} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[h,g]of Object.entries({residual:u,filled:d,residualBlocks:p}))if(typeof g!="boolean")throw new RangeError(`${h} is neither true nor false`);for(let[h,g]of Object.entries({activation:n,down:i,up:l,corrects:c}))if(typeof g!="string")throw new RangeError(`${h} is no word`);return qe({channels:t,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:l,residual:u,corrects:c,filled:d,residualBlocks:p,unshuffle:f,scale:m??1})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new E(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function Kr(r){return Number.isSafeInteger(r)&&r>=0}function Ms(r,e){let t={};for(let a of Ot)t[a]=r[a]??"";for(let a of At){let o=Number(r[a]??0);if(!Kr(o))throw new E(`${e}: ${a} in its metadata is no whole number`);t[a]=o}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([o,s])=>[o,Number(s)]);t.metrics=Object.fromEntries(a)}catch(a){throw new E(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}function Fr(r,{peak:e,warmup:t,steps:a}){if(r<=t)return e*r/t;let o=Math.min((r-t)/(a-t+1),1);return e*.5*(1+Math.cos(Math.PI*o))}var Et=["adam","muon"],Ns=.999,js=500;function Dr(r,{peak:e,steps:t,decay:a=0}){let o=Math.min(js,Math.ceil(t/20));return{beta1:.9,beta2:.99,maxNorm:1,step:r,decay:a,learningRate:Fr(r,{peak:e,warmup:o,steps:t}),ema:Is(r)}}function Is(r){return Math.min((1+r)/(10+r),Ns)}function zr(r){let e=[],t=[],a=new Array(r.length).fill(-1),o=r.map((s,n)=>n).sort((s,n)=>r[n].bytes-r[s].bytes||r[s].first-r[n].first);for(let s of o){let n=r[s],i=t.findLastIndex(l=>l.every(u=>!Gs(u,n)));i<0&&(i=e.push(n.bytes)-1,t.push([])),t[i].push(n),a[s]=i}return{assignment:a,sizes:e}}function Gs(r,e){return r.first<=e.last&&e.first<=r.last}var L={f32:4,f16:2};function Ct(r,e,t="f32"){return e==="flat"?B(r)*L[t]:B(r.slice(0,-1))*C(r[r.length-1])*L[t]}function Je(r,e,t){let a=C(e);if(a===e)return t?.set(r),t??r;let o=r.length/e,s=t??new Float32Array(o*a);for(let n=0,i=0,l=0;n<o;n++,l+=a-e)for(let u=0;u<e;u++)s[l++]=r[i++];return s}function Oe(r,e){let t=C(e);if(t===e)return r;let a=r.length/t,o=new Float32Array(a*e);for(let s=0,n=0,i=0;s<a;s++,n+=t-e)for(let l=0;l<e;l++)o[i++]=r[n++];return o}var I=64,Bs=65535,le=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e;#r=[];#t=[];#a=new Map;#o="";constructor(e){this.training=e.training,this.#e=e.longestRow??Bs}tensor(e,t,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new x(`Cannot record the tensor ${t}: its shape ${P(e)} must have positive extents`);let{layout:o="image",type:s="f32"}=a,n={id:this.tensors.length,name:t,shape:e,layout:o,type:s,lifetime:a.lifetime??"planned",bytes:Ct(e,o,s),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,t,a="f32"){let o=this.tensor(t,e,{lifetime:"persistent",type:a});return this.inputs.set(e,o),o}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#o;this.#o=a?`${a}/${e}`:e;try{return t()}finally{this.#o=a}}dispatch(e,t,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(t).join())throw new x(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(t).join()}`);qr(e,a.params);let s=o.filter(d=>e.bindings[d]==="read_write").map(d=>$(t[d]).tensor);for(let d of o){let{tensor:p}=$(t[d]);if(e.bindings[d]!=="read_write"?s.includes(p):s.filter(f=>f===p).length>1)throw new x(`Cannot record ${e.name}: ${p.name} is bound for reading and writing at once`)}let n={...a.types,...Ls(e,t)},i=Math.ceil(a.invocations/(a.workgroup??I)),[l,u]=Hr(i,this.#e),c={label:[a.owner??this.#o,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},types:n,params:[a.params],bindings:t,workgroups:[l,u,a.groups??1],once:a.once??!1,flops:a.flops??0};return this.dispatches.push(c),c}dispatchJobs(e,t,a,o,s={}){let[n,...i]=a,l=this.dispatch(e,t,{...s,params:n,invocations:o(n)});for(let u of i)this.addJob(l,u,o(u),s.workgroup)}addJob(e,t,a,o=I){qr(e.kernel,t);let s=e;s.params=[...s.params,t];let[n,i,l]=s.workgroups,u=Math.max(n*i,Math.ceil(a/o));s.workgroups=[...Hr(u,this.#e),l+1]}extend(e,t){let a=e;a.shape=[t],a.bytes=Ct(a.shape,"flat",e.type)}gradient(e,t){if(!this.training)return;let a=this.#o;this.#r.push(()=>{let o=this.#a.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>t(o.gradient))})}gradientOf(e){let t=this.#a.get(e);t||this.#a.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout,type:e.type}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}hasGradient(e){return this.#a.has(e)}passGradient(e,t){if(this.#a.has(e))throw new x(`Cannot pass on ${t.name}: ${e.name} has a gradient already`);if(t.type!==e.type)throw new x(`Cannot pass on ${t.name}: it is ${t.type}, ${e.name} is ${e.type}`);this.#a.set(e,{gradient:t,written:!0})}gradientInput(e,t){this.#a.set(t,{gradient:this.input(e,t.shape,t.type),written:!0})}afterBackward(e){this.#t.push(e)}backward(){for(let e of this.#r.splice(0).reverse())e();for(let e of this.#t.splice(0))e()}};function qr(r,e){let a=r.params.map(o=>o.split(":")[0]).find(o=>e[o]===void 0);if(a)throw new x(`Cannot record ${r.name}: the parameter ${a} is not given`)}function Hr(r,e){let t=Math.max(1,Math.ceil(r/e));return[Math.max(1,Math.ceil(r/t)),t]}function Ls(r,e){let t={},a=new Set(Object.keys(e)),o=s=>$(e[s]).tensor.type;for(let[s,n]of Object.entries(r.types??{}))for(let i of n)if(a.delete(i),(t[s]??=o(i))!==o(i))throw new x(`Cannot record ${r.name}: ${n.join(", ")} must be of one type`);for(let s of a)if(o(s)!=="f32")throw new x(`Cannot record ${r.name}: it takes ${s} as f32 only`);return t}function $(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function U(r){return r.bytes/(4*L[r.type])}function be(r){return B(r.shape)}function Vr(r,e){let t=new Map,a=new Map;r.dispatches.forEach((c,d)=>{for(let p of Object.values(c.bindings)){let{tensor:f}=$(p);t.has(f)||t.set(f,d),a.set(f,d)}});for(let c of r.outputs.values())a.set(c,r.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,s=new Map,n=r.tensors.filter(c=>{if(c.external)s.set(c,c.external);else if(c.lifetime==="persistent")s.set(c,e(c.name,c.bytes,o));else return t.has(c);return!1}),{assignment:i,sizes:l}=zr(n.map(c=>({bytes:c.bytes,first:t.get(c),last:a.get(c)}))),u=l.map((c,d)=>e(`shared ${d}`,c,o));return n.forEach((c,d)=>s.set(c,u[i[d]])),s}function Jr(r){let e=0,t=r.map(({kernel:o,params:s})=>{let n={offset:e,size:s.length*o.params.length*4};return e+=Math.ceil(n.size/256)*256,n}),a=new DataView(new ArrayBuffer(e));return r.forEach(({kernel:o,params:s},n)=>{let i=t[n].offset;for(let l of s)for(let u of o.params){let[c,d]=u.split(":");d==="f32"?a.setFloat32(i,l[c],!0):a.setInt32(i,l[c],!0),i+=4}}),{words:new Uint32Array(a.buffer),ranges:t}}function Xr({kernel:r,bindings:e,params:t}){let a=t.some(({accumulate:o=0})=>o!==0);return Object.entries(e).reduce((o,[s,n])=>{let i=r.bindings[s]==="read_write"&&(a||r.updates?.includes(s));return o+$(n).size*(i?2:1)},0)}var Xe=class{#e;#r;#t=new Map;#a=0;constructor(e,t){this.#e=e,this.#r=t}async read(e,t,a){let{device:o,times:s}=this.#e,n=performance.now(),i=this.#t.get(e);i||this.#t.set(e,i=[]);let l=i.pop(),u=h=>{let g=o.createCommandEncoder();return g.copyBufferToBuffer(a,0,h,0,t.bytes),o.queue.submit([g.finish()]),h},c=l?u(l):await this.#o(e,t,u);try{await c.mapAsync(GPUMapMode.READ)}catch(h){throw this.#e.check(),h}let d=performance.now();s.compute+=(d-Math.max(n,this.#a))/1e3,this.#a=d;let p=c.getMappedRange(0,t.bytes).slice(0),f=t.type==="f16"?fe(new Uint16Array(p)):new Float32Array(p);c.unmap(),i.push(c),this.#e.check();let m=t.layout==="image"?Oe(f,t.shape[t.shape.length-1]):f;return s.download+=(performance.now()-d)/1e3,m}async#o(e,t,a){let{device:o}=this.#e;o.pushErrorScope("validation"),o.pushErrorScope("out-of-memory");let s,n;try{n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#r.push(n),a(n)}finally{s=[o.popErrorScope(),o.popErrorScope()]}let[i,l]=await Promise.all(s);if(i)throw new q(`The GPU is out of memory to read ${e}: ${i.message}`);if(l)throw new x(`Cannot read ${e}: ${l.message}`);return n}};var Yr=2048,$s=60,Qr=new WeakMap;function Ws(r){return r.device.features.has("timestamp-query")}async function Zr(r,e){if(!Ws(r))throw new x("Cannot profile: the adapter has no timestamp queries");let t=await Ks(r),a=[];for(let o=0;o<e.length;o+=Yr){let s=await ea(r,e.slice(o,o+Yr));for(let n=0;n<s.length;n+=2)a.push(Math.max(0,Number(s[n+1]-s[n])*t))}return a}async function ea(r,e){let{device:t}=r,a=e.length*2,o=t.createQuerySet({type:"timestamp",count:a}),s=r.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),n=r.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=t.createCommandEncoder();return e.forEach((l,u)=>{let c=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:u*2,endOfPassWriteIndex:u*2+1}});l(c),c.end()}),i.resolveQuerySet(o,0,a,s,0),i.copyBufferToBuffer(s,0,n,0,a*8),t.queue.submit([i.finish()]),await n.mapAsync(GPUMapMode.READ),r.check(),new BigUint64Array(n.getMappedRange(0,a*8).slice(0))}finally{for(let i of[s,n])r.release(i);o.destroy()}}function Ks(r){let e=Qr.get(r);return e||Qr.set(r,e=Fs(r)),e}async function Fs(r){let e=async()=>{let o=performance.now(),[s]=await ea(r,[()=>{}]);return{now:o,start:s}};await e();let t=await e();await new Promise(o=>setTimeout(o,$s));let a=await e();return Ds(Number(a.start-t.start),(a.now-t.now)*1e6)}function Ds(r,e){let t=e/r;return r>0&&(t<.5||t>2)?t:1}function ta(r,{compiled:e,group:t,dispatch:a}){r.setPipeline(e.pipeline),r.setBindGroup(0,t),r.dispatchWorkgroups(...a.workgroups)}async function Pe(r,e){let t=performance.now();try{return await zs(r,e)}finally{r.times.prepare+=(performance.now()-t)/1e3}}async function zs(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:d,constants:p,types:f}of e.dispatches)a.push(await r.kernel(d,p,f));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let o=[],s=(d,p,f)=>{let m=r.buffer(d,p,f);return o.push(m),m},n=()=>o.forEach(d=>r.release(d)),i,l;try{let d=Vr(e,s),p=Jr(e.dispatches),f=s("params",Math.max(p.words.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST);r.write(f,0,p.words);let m=e.dispatches.map((h,g)=>({dispatch:h,compiled:a[g],group:t.createBindGroup({label:h.label,layout:a[g].layout,entries:[{binding:0,resource:{buffer:f,...p.ranges[g]}},...Object.values(h.bindings).map((b,v)=>{let{tensor:_,offset:R,size:y}=$(b);return{binding:v+1,resource:{buffer:d.get(_),offset:R,size:y}}})]})}));i=new Ut(r,e,m,d,o)}catch(d){l=d}let u=await t.popErrorScope(),c=await t.popErrorScope();if(u?l=new q(`The GPU is out of memory for a plan: ${u.message}`):c&&(l??=new x(`Cannot build a plan: ${c.message}`)),l)throw n(),l;return i}var Ut=class{#e;#r;#t;#a;#o;#s;#n=new Map;#i=!0;constructor(e,t,a,o,s){this.#e=e,this.#r=t,this.#t=a,this.#a=o,this.#o=s,this.#s=new Xe(e,s)}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new x(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),s=t;if(a.layout==="image"){let n=a.shape[a.shape.length-1],i=this.#n.get(e);if(i||this.#n.set(e,i=new Float32Array(U(a)*4)),t.length!==a.shape.reduce((l,u)=>l*u,1))throw new x(`Cannot write ${e}: it is ${P(a.shape)}, got ${t.length} values`);s=Je(t,n,i)}this.#e.write(this.#a.get(a),0,a.type==="f16"?he(s):s),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),t=this.#e.device.createCommandEncoder(),a=t.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||ta(a,o);a.end(),this.#e.device.queue.submit([t.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new x(`Cannot read ${e}: the plan has no such output`);return await this.#s.read(e,t,this.#a.get(t))}describe(){let e=this.#o.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([s,n])=>`${s} ${$(n).tensor.name} ${P($(n).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#o.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#o.reduce((e,t)=>e+t.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#i),t=await Zr(this.#e,e.map(a=>o=>ta(o,a)));return this.#i=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:t[o]/1e6,flops:a.flops,bytes:Xr(a)}))}[Symbol.dispose](){for(let e of this.#o.splice(0))this.#e.release(e)}};var ra={none:0,relu:1,"leaky-relu":2};function Ee(r){return ra[r]}var aa=new WeakMap;function oa(r,e){aa.set(r,e)}function ee(r){return aa.get(r)??"none"}function z(r,e){let t=ee(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:ra[t]}}}var qs={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"},types:{a4:["a"],b4:["b"],result4:["y"]}},sa={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]},Hs={name:"add_grad_in_place",params:["count","accumulate","activation_a","activation_b"],bindings:{a:"read",b:"read",dy:"read_write",db:"read_write"},types:{a4:["a"],b4:["b"],gradient4:["dy"],result4:["db"]},includes:["activation"],updates:["dy"]};function Ye(r,e,t,a="add",o=new Set){if(e.shape.join()!==t.shape.join())throw new x(`Cannot record add "${a}": its terms are ${P(e.shape)} and ${P(t.shape)}`);let s=r.tensor(e.shape,a,{type:e.type===t.type?e.type:"f32"}),n=U(s);return r.within(a,()=>{r.dispatch(qs,{a:e,b:t,y:s},{params:{count:n},invocations:n}),r.gradient(s,i=>{let l=[e,t].filter(d=>!o.has(d)),u=e===t?[]:l.filter(d=>d.type===i.type&&!r.hasGradient(d)),c=u.find(d=>ee(d)==="none")??(l.length===2?u[0]:void 0);Vs(r,i,l,c)})}),s}function Qe(r,e,t){let{gradient:a,accumulate:o}=r.gradientOf(e),{activated:s,constants:n}=z(e,t),i=U(t);r.dispatch(sa,{dy:t,activated:s,dx:a},{params:{count:i,accumulate:Number(o)},constants:n,invocations:i})}function Vs(r,e,t,a){let o=U(e),s=t.filter(i=>i!==a),n=a!==void 0&&ee(a)!=="none";for(let i of s){let{gradient:l,accumulate:u}=r.gradientOf(i),{activated:c,constants:d}=z(i,n?a:e);n?r.dispatch(Hs,{a,b:c,dy:e,db:l},{params:{count:o,accumulate:Number(u),activation_a:z(a,a).constants.ACTIVATION,activation_b:d.ACTIVATION},invocations:o}):r.dispatch(sa,{dy:e,activated:c,dx:l},{params:{count:o,accumulate:Number(u)},constants:d,invocations:o})}a&&r.passGradient(a,e)}var Js={name:"add_at_extremes",params:["count","c4","channels"],bindings:{x:"read",base:"read",r:"read",y:"read_write"},includes:["extremes"],types:{correction4:["r"]}},Xs={name:"add_at_extremes_grad",params:["count","c4","channels","accumulate"],bindings:{dy:"read",x:"read",activated:"read",dr:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dr"]},includes:["activation","extremes"]};function na(r,e,t,a,o,s="addAtExtremes",n=new Set){for(let p of[t,a])if(e.shape.join()!==p.shape.join()||a===e||a===t){let f=[e,t,a].map(({shape:m})=>P(m)).join(", ");throw new x(`Cannot record addAtExtremes "${s}": it takes tensors of one shape and a correction that is none of the others, not ${f}`)}let i=r.tensor(e.shape,s),l=U(i),u=e.shape[3],c={count:l,c4:C(u)/4,channels:u},d=+(o==="holes");return r.within(s,()=>{r.dispatch(Js,{x:e,base:t,r:a,y:i},{params:c,constants:{WHOLE:d},invocations:l}),r.gradient(i,p=>{if(!n.has(a)){let{gradient:f,accumulate:m}=r.gradientOf(a),{activated:h,constants:g}=z(a,p);r.dispatch(Xs,{dy:p,x:e,activated:h,dr:f},{params:{...c,accumulate:Number(m)},constants:{...g,WHOLE:d},invocations:l})}n.has(t)||Qe(r,t,p)})}),i}var N=r=>"upsampled"in r?r.upsampled:r,W=r=>"upsampled"in r?1:0,M=r=>C(r.shape[3])/4;function Mt(r){let{shape:e}=N(r),t=1<<W(r);return[e[1]*t,e[2]*t]}function Nt(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new x(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[o,s]=Mt(r[0]),n=N(r[0]).shape[0];for(let i of r){let[l,u]=Mt(i),{shape:c}=N(i);if(c.length!==4||l!==o||u!==s||c[0]!==n)throw new x(`Cannot record conv2d "${e}": its inputs are ${P(N(r[0]).shape)} and ${P(c)}`)}if(r.length===2&&W(r[1]))throw new x(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[n,pe(o,t),pe(s,t),a]}function ia(r,e){let[t,a]=Mt(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((o,s)=>o+M(N(s)),0),out4:M(e)}}function la(r,e,{name:t,kernel:a,outChannels:o}){let s=r.map(l=>N(l).shape[3]),n=e.specs.find(l=>l.name===`${t}.weight`),i=[a,a,s.reduce((l,u)=>l+u,0),o];if(!n||n.shape.join()!==i.join()||(n.sources??[i[2]]).join()!==s.join())throw new x(`Cannot record conv2d "${t}": input has ${s.join(" + ")} channels, so the weight is ${P(i)}; got ${n?P(n.shape):"none"}`)}function F({batch:r,out_height:e,out_width:t,options:a,sources:o},s){let n=s??o.reduce((i,l)=>i+N(l).shape[3],0);return 2*r*e*t*a.kernel**2*n*a.outChannels}function te(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}var re=globalThis.navigator?.hardwareConcurrency??2;var ca=19,Ce=65536;function Ze(r){return Math.ceil((72*r+2)/16)*16}function et(r){return Math.floor(Ce/(Ze(r)*16))}function It(r){return r%4===0||r%4===3}var jt={old:16,oldTraining:32,new:8,gpu:16},Ys=16,Qs=512;function Zs(r,e,t){if(r.software)return r.llvm===void 0?"tile8":t==="weight-gradient"?an(r,e):tn(r,e,t);let{batch:a,height:o,width:s,stride:n}=e;return t==="weight-gradient"?"gemm":X("thin",e,t)?"thin":X("winograd4",e,t)&&ua(e)>=jt.gpu?"winograd4":a*o*s/n**2/128>=Qs?"gemm128":"gemm"}var ua=({in4:r,out4:e})=>Math.min(r,e),en=({batch:r,height:e,width:t})=>r*Math.ceil(e/4)*Math.ceil(t/4);function tn(r,e,t){let a=r.llvm<ca,{batch:o,height:s,width:n}=e,i=t==="input-gradient"?e.in4:e.out4,l=r.subgroup===8;if(l&&X("winograd4_tile16",e,t)&&rn(e,a))return"winograd4_tile16";let u=o*Math.ceil(s/4)*Math.ceil(n/8);return l&&X("subgroup8x4",e,t)?a&&(i===1||u>=8*re)?"subgroup8x4":"subgroup8x8":a?u*Math.ceil(i/4)>=16*re&&X("tile8x4x16",e,t)?"tile8x4x16":"tile8x4":"tile8"}function rn(r,e){let t=ua(r);if(!e)return t>=jt.new;let a=jt[r.training?"oldTraining":"old"];return t>=a&&en(r)>=Ys}function an({llvm:r,subgroup:e},t){return e===8&&t.out4>2&&X("subgroup8x4",t,"weight-gradient")?"subgroup8x4":r<ca?"tile8x4":"tile8"}var on=2**27;function sn(r,{in4:e,out4:t}){return((r==="winograd2"?2:4)+2)**2*4*e*4*t*4}function X(r,e,t){return r==="naive"||r==="gemm"||r==="gemm128"?!0:r==="gemm_f16"||r==="gemm128_f16"?t==="forward"&&e.half===!0:e.kernel!==3||e.stride!==1?!1:r==="thin"?t!=="weight-gradient"&&(e.out4===1||t==="forward"&&e.in4<=2):r.startsWith("winograd")&&sn(r,e)>on?!1:t==="weight-gradient"?r!=="winograd2":r==="tile8x4x16"&&t==="forward"&&!It(e.out4)?!1:r.startsWith("winograd")||r.startsWith("subgroup")||Ze(t==="forward"?e.in4:e.out4)*16<=Ce}function nn({subgroup:r},e,t){return!(e.startsWith("subgroup")||e==="winograd4_tile16"&&t!=="weight-gradient")||r===8}function da(r,e,t,a){let o=r==="auto"?Zs(e,t,a):r;return X(o,t,a)&&nn(e,o,a)?o:o==="gemm128_f16"?"gemm128":o==="tile8x4x16"&&X("tile8x4",t,a)?"tile8x4":(o==="winograd4_tile16"||o.startsWith("subgroup"))&&X("tile8",t,a)?"tile8":["winograd2","winograd4","thin","gemm_f16"].includes(o)?"gemm":"naive"}var cn=4;function ma(r,e){let{batch:t,height:a,width:o,in4:s,out4:n,kernel:i,stride:l,half:u}=r;return`${e} ${t}×${a}×${o} ${s}→${n} ${i}×${i} /${l}${u?" f16":""}`}function un(r){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)( f16)?$/.exec(r);if(!e)return;let[t,a,o,s,n,i,l]=e.slice(2,9).map(Number),u=e[1],c={batch:t,height:a,width:o,in4:s,out4:n,kernel:i,stride:l,...e[9]?{half:!0}:{}};return ma(c,u)===r?{layer:c,role:u}:void 0}function fa(r,e,t){if(r.size===0)return"auto";let a=r.get(ma(e,t))??dn(r,e,t);return a!==void 0&&X(a,e,t)?a:"auto"}function dn(r,e,t){let a;for(let[o,s]of r){let n=un(o);if(n?.role!==t||!pn(n.layer,e))continue;let i=Math.abs(Math.log(pa(n.layer)/pa(e)));i<=Math.log(cn)&&i<(a?.distance??1/0)&&(a={variant:s,distance:i})}return a?.variant}function pn(r,e){return r.in4===e.in4&&r.out4===e.out4&&r.kernel===e.kernel&&r.stride===e.stride&&r.half===e.half}function pa({batch:r,height:e,width:t}){return r*e*t}var mn={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"],tile4:[],product4:[]},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4","CHUNK"]},fn=0,hn=1,gn=2,wn=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],Gt={M:128,N:64,VECS:2};function Me(r){let e=({N:t})=>Math.ceil(r/t)*(t+8);return wn.reduce((t,a)=>e(a)<e(t)?a:t)}var Ue={gemm:{large:!1,half:!1},gemm128:{large:!0,half:!1},gemm_f16:{large:!1,half:!0},gemm128_f16:{large:!0,half:!0}},bn=32;function ha(r,e,t){let{batch:a,in4:o,out4:s,kernel:n,weight:i,bias:l}=r,u=e.role==="forward",[c,d]=u?[r.out_height,r.out_width]:[r.height,r.width],[p,f=p]=e.sources.map(N),m=u?1:r.stride;wa(r.rec,{a:p,b:f,w:i,bias:l,activated:e.residual??e.activated,y:e.target},{batch:a,rows:c,columns:d,height:u?r.height:r.out_height*m,width:u?r.width:r.out_width*m,a4:M(p),b4:e.sources[1]?M(f):0,shift:u?W(e.sources[0]):m-1,holes:m-1,target4:M(e.target),in4:o,out4:s,first4:e.first4,kernel:n,stride:u?r.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:u?hn:fn,kind:t,residual:e.residual!==void 0,flops:u?F(r):F(r,e.target.shape[3])})}function ga(r,{v:e,u:t,m:a},{batch:o,rows:s,source4:n,target4:i}){wa(r,{a:e,b:e,w:t,bias:e,activated:e,y:a},{batch:o,rows:s/8,columns:8,height:s/8,width:8,a4:n,b4:0,shift:0,holes:0,target4:i,in4:n,out4:i,first4:0,kernel:1,stride:1,batch_weights:n*4*i,accumulate:0,activation:0},{mode:gn,residual:!1,kind:s%Gt.M===0?Ue.gemm128:Ue.gemm,flops:2*o*s*n*4*i*4})}function wa(r,e,t,{mode:a,kind:o,residual:s,flops:n}){let{batch:i,rows:l,columns:u,a4:c,b4:d,target4:p}=t,f=Me(p*4),m=o.large&&f.N===Gt.N?Gt:f,h=m.N===16||c+d===1?1:2,g=i*Math.ceil(l/(m.M/8))*Math.ceil(u/8),b=[e.a,e.w].every(v=>$(v).tensor.type==="f16");r.dispatch(mn,e,{params:t,constants:{...m,K4:h,CHUNK:b&&o.half?bn/(4*h):0,MODE:a,RESIDUAL:Number(s)},types:{tile4:b?"f16":"f32",product4:b&&o.half?"f16":"f32"},invocations:g*I,groups:Math.ceil(p*4/m.N),flops:n})}function Ne(r,e,t,a="uniform"){return{name:r,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:a,activated:"read",y:"read_write"},types:{source4:["x"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_tile",...e],prelude:["WORKGROUP",...t]}}var ba=Ne("conv2d_tile8",[],[]),va=Ne("conv2d_tile8x4",["conv2d_kernel9","conv2d_body8x4"],["OUTPUTS4"]),ya=["conv2d_kernel9","conv2d_shared_taps","conv2d_body8x4"],xa=Ne("conv2d_subgroup8x4",ya,["OUTPUTS4"]),_a=Ne("conv2d_subgroup8x4_wide",ya,["OUTPUTS4"],"read"),ka=Ne("conv2d_subgroup8x8",["conv2d_kernel9"],["OUT_LANES"]),Sa={name:"conv2d_pack",params:["weight","bias","packed","in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],jobs:!0,bindings:{weights:"read",packed:"read_write"},types:{weight4:["weights"]},prelude:["WORKGROUP"]},Ra={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],result4:["y"]},includes:["activation"]},Ta={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]},Bt={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{source4:["x"],gradient4:["dy"]},prelude:["WORKGROUP"]},Aa={...Bt,name:"conv2d_weight_grad_subgroup",prelude:["WORKGROUP","OUT_LANES"]},Oa={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{source4:["x"],gradient4:["dy"]}},Pa={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"},types:{gradient4:["dy"]}};function Ea(r,e){let{rec:t,options:a,weight:o,bias:s}=r,{kernel:n,stride:i}=a;if(e.role==="forward"){let[p,f=p]=e.sources.map(N);t.dispatch(Ra,{a:p,b:f,w:o,bias:s,y:e.target},{params:{...te(r,["batch","height","width","out_height","out_width","out4"]),a4:M(p),b4:e.sources[1]?M(f):0,a_shift:W(e.sources[0]),kernel:n,stride:i},constants:{ACTIVATION:e.activation},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:F(r)});return}let{target:l,activated:u,first4:c}=e,d=M(l);t.dispatch(Ta,{dy:N(e.sources[0]),w:o,activated:u,dx:l},{params:{...te(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:d,first4:c,kernel:n,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:r.batch*r.height*r.width*d,flops:F(r,l.shape[3])})}var Ua=["batch","height","width","a4","b4","shift"],Ma={name:"conv2d_thin_in",params:[...Ua,"target4","in4","out4","first4","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_thin"]},vn={...Ma,name:"conv2d_thin_out",params:[...Ua,"activation"]},Ca={width:32,height:8};function Na(r,e){let{batch:t,height:a,width:o,in4:s,out4:n,weight:i,bias:l}=r,{target:u,activated:c,first4:d,accumulate:p,activation:f}=e,m=e.role==="forward",[h,g=h]=e.sources.map(N),b=t*Math.ceil(a/Ca.height)*Math.ceil(o/Ca.width),v={a:h,b:g,w:i,bias:l,activated:e.residual??c,y:u},_={batch:t,height:a,width:o,a4:M(h),b4:e.sources[1]?M(g):0,shift:W(e.sources[0]),activation:f},R={RESIDUAL:+(e.residual!==void 0)},y={invocations:b*I,flops:m?F(r):F(r,u.shape[3])},S=M(u);if(m&&S===1){r.rec.dispatch(vn,v,{params:_,constants:R,...y});return}r.rec.dispatch(Ma,v,{params:{..._,target4:S,in4:s,out4:n,first4:d,accumulate:Number(p)},constants:{...R,MODE:Number(m)},...y})}var ae={tile8:{height:1,lanes:1,sharesWeights:!1,blocks:1,step:2,added:4,dispatch:30},tile8x4:{height:4,lanes:1,sharesWeights:!1,blocks:1,step:5,added:15,dispatch:30},tile8x4x16:{height:4,lanes:1,sharesWeights:!1,blocks:2,step:8,added:30,dispatch:30},subgroup8x4:{height:4,lanes:1,sharesWeights:!0,blocks:1,step:4.4,added:15,dispatch:30},subgroup8x4x16:{height:4,lanes:1,sharesWeights:!0,blocks:2,step:7,added:30,dispatch:30},subgroup8x4x16wide:{height:4,lanes:1,sharesWeights:!0,blocks:2,step:7.3,added:30,dispatch:30,anyWidth:!0},subgroup8x8x16:{height:8,lanes:4,sharesWeights:!1,blocks:2,step:4,added:15,dispatch:30},subgroup8x8x32:{height:8,lanes:8,sharesWeights:!1,blocks:4,step:3.9,added:15,dispatch:30}};function Lt({lanes:r,sharesWeights:e,blocks:t},a,o){return r===1&&!e?a*o/t:Math.ceil(a*r/8)*8*Math.ceil(o/t)}function $t(r,e,t,a,o=re){let s=ae[a],{step:n,added:i,dispatch:l}=s,u={part:r,time:1/0};for(let c=1;c<=r;c++){let d=Math.ceil(r/c),p=Wt(d,a);if(p<1)continue;let f=0;for(let m=0;m<e;m+=p){let h=Lt(s,t,Math.min(p,e-m));f+=c*l+Math.ceil(h/(8*o))*(r*n+(c-1)*i)}f<u.time&&(u={part:d,time:f})}return u}function Wt(r,e){let{blocks:t,anyWidth:a}=ae[e];if(a)return 1/0;let o=et(r);return o-o%t}var yn=1.5*2**20,ja=256,ve=class{tensor;#e;#r=0;constructor(e,t,a=void 0){this.#e=e,this.tensor=e.tensor([1],t,{layout:"flat",...a})}holds(e){return this.#r===0||this.#r+e<=yn}take(e,t=e){let a=this.#r;this.#r=Math.ceil((a+e)/ja)*ja;let o=Math.max(this.tensor.bytes,a+e,a+t);return this.#e.extend(this.tensor,o/L[this.tensor.type]),{tensor:this.tensor,offset:a,size:e}}};var Ia=new WeakMap;function tt(r,e,t,a,o){let{kernel:s,role:n,constants:i,workgroup:l,weights:u,type:c}=e,d=Ia.get(r);d||Ia.set(r,d=new Map);let p=JSON.stringify([s.name,n,i,l,u.id,c]),f=!r.training,m=d.get(p);if(!m?.room.holds(t.bytes)){let b=f?"persistent":"planned";d.set(p,m={room:new ve(r,`${s.name} ${n}`,{type:c,lifetime:b})})}let h=m.room.take(t.bytes,t.reach),g=a(h.offset);if(m.dispatch)r.addJob(m.dispatch,g,o,l);else{let[b,v]=Object.keys(s.bindings);m.dispatch=r.dispatch(s,{[b]:u,[v]:m.room.tensor},{owner:`weights/${n}`,params:g,constants:i,invocations:o,workgroup:l,once:f})}return h}var xn=0,_n=1,kn=2,Sn=["tile8","tile8x4","tile8x4x16","subgroup8x4","subgroup8x8"];function Ba(r){return Sn.includes(r)}function La(r,e,t){let a=Math.ceil(M(e.target)/2),o=Rn(r,e,a,t),s=$a(r,o),n=[],i=0;for(let l of e.sources){let u=M(N(l)),c=r.software?$t(u,a,s,o).part:u;for(let d=0;d<u;d+=c)n.push({source:l,first4:d,in4:Math.min(c,u-d),place4:i+d});i+=u}n.forEach((l,u)=>Tn(r,e,o,l,{tiles:s,blocks:a,first:u===0,last:u===n.length-1}))}function $a({batch:r,height:e,width:t},a){return r*Math.ceil(e/ae[a].height)*Math.ceil(t/8)}function Rn(r,e,t,a){if(a==="tile8x4x16")return Ga(r,e)?a:"tile8x4";if(a==="tile8"||a==="tile8x4")return a;let o=a==="subgroup8x8"?["subgroup8x8x32","subgroup8x8x16"]:["subgroup8x4",...Ga(r,e)?["subgroup8x4x16","subgroup8x4x16wide"]:[]],s=n=>e.sources.reduce((i,l)=>{let u=M(N(l));return i+$t(u,t,$a(r,n),n).time},0);return o.reduce((n,i)=>s(i)<s(n)?i:n)}function Ga({software:r},{sources:e,target:t}){let a=o=>et(M(N(o)))>=2;return It(M(t))&&(r||e.every(a))}function Tn(r,e,t,{source:a,first4:o,in4:s,place4:n},{tiles:i,blocks:l,first:u,last:c}){let{rec:d,batch:p,height:f,width:m,software:h}=r,g=e.role==="forward",b=N(a),v=M(e.target),_=Ze(s),{blocks:R,lanes:y,sharesWeights:S,anyWidth:A}=ae[t],w=Math.min(l,Wt(s,t)),k=h?8:I,T=Math.floor((l-1)/w)*w*_*16,O=l*_*16,G=4*L[r.weight.tensor.type],K=l*2*s,H=tt(d,{kernel:Sa,role:e.role,workgroup:k,weights:r.weight.tensor,type:"f32",constants:{FORWARD:Number(g),WORKGROUP:k}},{bytes:O,...A?{}:{reach:T+Ce}},D=>({weight:r.weight.offset/G,bias:r.bias.offset/G,packed:D/16,in4:r.in4,out4:r.out4,source4:s,source_first4:n,target4:v,first4:e.first4,block_vec4s:_,count:K}),K),Y=c?e.residual:void 0;for(let D=0;D<l;D+=w){let V=Math.min(w,l-D);d.dispatch(An(t),{x:b,w:{...H,offset:H.offset+D*_*16,size:A?O:Ce},activated:Y??e.activated,y:e.target},{params:{batch:p,height:f,width:m,x4:M(b),first4:o,in4:s,shift:W(a),out4:v,first_block:D,blocks:y>1?V:V/R,block_vec4s:_,accumulate:Number(e.accumulate||!u),activation:c||!g?e.activation:0},constants:{MODE:g?u?_n:kn:xn,RESIDUAL:+(Y!==void 0),WORKGROUP:k,...y>1?{OUT_LANES:y}:{BLOCKS_IN_LANES:S?2:Number(h)},...ae[t].height===4&&{OUTPUTS4:R===2?4:v===1?1:2}},invocations:h?Lt(ae[t],i,V):i,groups:h?1:V/R,workgroup:k,flops:18*p*f*m*s*4*Math.min(V*8,(v-D*2)*4)})}}function An(r){let{lanes:e,sharesWeights:t,anyWidth:a}=ae[r];return e>1?ka:t?a?_a:xa:r==="tile8"?ba:va}var Ka={name:"sum_slices",params:["partials","total","count","slices","accumulate"],jobs:!0,bindings:{partials:"read",total:"read_write"}};function ye(r,e,t,a,o=!1){let s=$(t).size/16;r.dispatch(Ka,{partials:e,total:t},{params:{partials:0,total:0,count:s,slices:a,accumulate:Number(o)},invocations:s})}var rt=new WeakMap,On=2**20;function je(r,e,t,a){if(t===1){a(e);return}let o=t*e.size;if(o>On){let l=r.tensor([o/4],"partials",{layout:"flat"});a($(l)),ye(r,l,e,t);return}let s=rt.get(r);s&&(s.gradients!==e.tensor||!s.room.holds(o))&&(Wa(r),s=void 0),s||(s={room:new ve(r,"partials of gradients"),gradients:e.tensor,jobs:[]},rt.set(r,s),r.afterBackward(()=>Wa(r)));let n=s.room.take(o);a(n);let i=e.size/16;s.jobs.push({partials:n.offset/16,total:e.offset/16,count:i,slices:t,accumulate:0})}function Wa(r){let e=rt.get(r);if(!e)return;rt.delete(r);let t={partials:e.room.tensor,total:e.gradients};r.dispatchJobs(Ka,t,e.jobs,({count:o})=>o,{owner:"weights/weight-gradient"})}function Q(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var Fa={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across","accumulate"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{source4:["x"],gradient4:["dy"],tile4:[],product4:[]},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},Da=512,Pn=256;function za(r,e,t){let{rec:a,options:o,in4:s,out4:n,kernel:i,stride:l}=r,u=i**2,c=Me(n*4),d=Math.ceil(n*4/c.N),p=g=>Math.ceil(u*g*4/c.M)*d,f=Math.min(Math.ceil(Da/p(s)),Pn),{slices:m,each:h}=Q(r.batch*r.out_height,f);je(a,t.range(a,`${o.name}.weight`,"gradients"),m,g=>{let b=0;for(let v of r.sources){let _=N(v),R=M(_);a.dispatch(Fa,{x:_,dy:e,partials:g},{params:{...te(r,["batch","height","width","out_height","out_width"]),in4:R,out4:n,shift:W(v),first4:b,total4:s,rows:h,kernel:i,stride:l,across:d,accumulate:0},constants:{...c,K4:2},types:{tile4:_.type===e.type?_.type:"f32"},invocations:p(R)*I,groups:m,flops:F(r,_.shape[3])}),b+=R}})}function qa(r,e,t){let a=Me(t*4),o=r*Math.ceil(e*4/a.M)*Math.ceil(t*4/a.N);return Math.ceil(Da/o)}function Ha(r,{v:e,e:t,p:a},{batch:o,rows:s,slices:n,source4:i,target4:l,accumulate:u},c){let d=Me(l*4),p=Math.ceil(l*4/d.N),[f,m]=[s/8,8];r.dispatch(Fa,{x:e,dy:t,partials:a},{params:{batch:o,height:f,width:m,out_height:f,out_width:m,in4:i,out4:l,shift:0,first4:0,total4:i,rows:f/n,kernel:1,stride:1,across:p,accumulate:Number(u)},constants:{...d,K4:2},invocations:Math.ceil(i*4/d.M)*p*I,groups:o*n,flops:c})}var En={name:"winograd_weights",params:["weight","u","in4","out4","source4","target4","first4"],jobs:!0,bindings:{weights:"read",u:"read_write"},types:{weight4:["weights"],transformed4:["u"]},prelude:["TILE","WORKGROUP"]},Cn={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},types:{source4:["x"],transformed4:["v"]},prelude:["TILE","WORKGROUP"]},Un={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},types:{transformed4:["m"],weight4:["bias"],activated4:["activated"],result4:["y"]},includes:["activation"],prelude:["TILE","WORKGROUP"]},Mn={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"},includes:["rows8"],prelude:["ROWS","COLUMNS4","WORKGROUP"]},at={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},Kt=32*2**20;function Nn(r,e){let t=(o,s)=>Math.ceil(o/s)*s,a=Math.min(...[1,2,3].map(o=>t(e,8*o)));return{ROWS:t(r,32)<=1.1*t(r,16)?32:16,COLUMNS4:[3,2,1].find(o=>t(e,8*o)===a)}}function jn(r,e,t,a){let o=Math.ceil(r/t),s=Math.max(1,Math.floor(a/(e*t)));return Math.ceil(o/Math.ceil(o/s))*t}function Ft({batch:r,height:e,width:t},a,o,s,n){let[i,l]=[Math.ceil(t/a),Math.ceil(e/a)],u=r*i*l,c=jn(u,o,s,n);return Array.from({length:Math.ceil(u/c)},(d,p)=>{let f=p*c,m=Math.min(c,u-f);return{height:e,width:t,first:f,count:m,stored:c,across:i,down:l}})}function Dt(r,{sources:e,v:t,source4:a,tile:o,workgroup:s,padded:n=!1},i){let l=0;for(let u of e){let c=N(u),d=M(c);r.dispatch(Cn,{x:c,v:t},{params:{...i,x4:d,first4:l,source4:a,shift:W(u)},constants:{TILE:o,WORKGROUP:s},invocations:(n?i.stored:i.count)*d,workgroup:s}),l+=d}}function Va(r,e,{tile:t,registers:a},o=Kt){let{rec:s,in4:n,out4:i,options:l,software:u}=r,c=e.sources.reduce((T,O)=>T+M(N(O)),0),d=M(e.target),p=(t+2)**2,f=+(e.role==="forward"),m=t===2?r.weight.tensor.type:"f32",h=u?8:I,g=4*L[m],b=c*4*d,v=tt(s,{kernel:En,role:e.role,workgroup:h,weights:r.weight.tensor,type:m,constants:{TILE:t,WORKGROUP:h,FORWARD:f}},{bytes:p*b*g},T=>({weight:r.weight.offset/(4*L[r.weight.tensor.type]),u:T/g,in4:n,out4:i,source4:c,target4:d,first4:e.first4}),b),_=r.batch*Math.ceil(r.height/t)*Math.ceil(r.width/t),{ROWS:R,COLUMNS4:y}=Nn(_,d),S=Ft(r,t,p*(c+d)*g,a?R:64,o),[{stored:A}]=S,w=s.tensor([p,A,c*4],`${l.name}.winograd inputs`,{layout:"flat",type:m}),k=s.tensor([p,A,d*4],`${l.name}.winograd products`,{layout:"flat",type:m});for(let T of S)Dt(s,{sources:e.sources,v:w,source4:c,tile:t,workgroup:h},T),a?s.dispatch(Mn,{v:w,u:v,m:k},{params:{parts:p,rows:A,source4:c,target4:d},constants:{ROWS:R,COLUMNS4:y,WORKGROUP:h},invocations:p*(A/R)*Math.ceil(d/(8*y))*8,workgroup:h,flops:2*p*A*c*4*d*4}):ga(s,{v:w,u:v,m:k},{batch:p,rows:A,source4:c,target4:d}),s.dispatch(Un,{m:k,bias:r.bias,activated:e.residual??e.activated,y:e.target},{params:{...T,target4:d,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:t,WORKGROUP:h,FORWARD:f,RESIDUAL:+(e.residual!==void 0)},invocations:T.count*d,workgroup:h})}var In={name:"winograd_spread_grad",params:["height","width","target4","first","count","stored","across","down"],bindings:{dy:"read",e:"read_write"},types:{gradient4:["dy"]},prelude:["WORKGROUP"]},Gn={name:"winograd_weight_product",params:["parts","count","stored","source4","target4","accumulate"],bindings:{v:"read",e:"read",p:"read_write"},includes:["outer16"],prelude:["WORKGROUP"]},Bn={name:"winograd_weight_grad",params:["size","slices"],bindings:{p:"read",dw:"read_write"},prelude:["WORKGROUP"]},zt=4,oe=(zt+2)**2;function Ja(r,e,t,{registers:a},o=Kt){let{rec:s,options:n,sources:i,in4:l,out4:u,software:c}=r,d=c?8:I,p={WORKGROUP:d},f=a?1:qa(oe,l,u),m=a?1:8*f,h=Ft(r,zt,oe*(l+u)*16,m,o),[{stored:g}]=h,b=h.reduce((w,{count:k})=>w+k,0),v=(w,k)=>s.tensor(k,`${n.name}.winograd ${w}`,{layout:"flat"}),_=v("inputs",[oe,g,l*4]),R=v("gradients",[oe,g,u*4]),y=v("weight products",[oe,f,l*4,u*4]);for(let w of h){let{count:k}=w;Dt(s,{sources:i,v:_,source4:l,tile:zt,workgroup:d,padded:!a},w),s.dispatch(In,{dy:e,e:R},{params:{...w,target4:u},constants:p,invocations:(a?k:g)*u,workgroup:d});let T={source4:l,target4:u},O=w.first>0,G=F(r)*k/b;if(a)s.dispatch(Gn,{v:_,e:R,p:y},{params:{parts:oe,count:k,stored:g,...T,accumulate:Number(O)},constants:p,invocations:oe*Math.ceil(l/4)*Math.ceil(u/4),workgroup:d,flops:G});else{let K={batch:oe,rows:g,slices:f,...T,accumulate:O};Ha(s,{v:_,e:R,p:y},K,G)}}let S=l*4*u,A=t.range(s,`${n.name}.weight`,"gradients");s.dispatch(Bn,{p:y,dw:A},{params:{size:S,slices:f},constants:p,invocations:S,workgroup:d})}var Ln=2048,$n=128*re,Wn=64*re,Kn={rows:(r,e)=>3*Math.ceil(r/2)*Math.ceil(e/2),subgroup:(r,e)=>{let t=Xa(e);return Math.ceil(r/2)*Math.ceil(e/t)*t}};function Xa(r){return Math.ceil(r/8)*8===Math.ceil(r/4)*4?8:4}function Ya(r,e,t,a){if(a==="winograd4"||a==="winograd4_tile16")return Ja(r,e,t,at[a]),!1;let o=a.startsWith("subgroup");if(a!=="naive"&&!a.startsWith("tile8")&&!o)return za(r,e,t),!1;let{rec:s,options:n,in4:i,out4:l,software:u}=r,c=a!=="naive",d=n.kernel**2,p=Kn[o?"subgroup":"rows"],m=(o?Wn:c&&u?$n:Ln)/(c?p(i,l):i*l*d),{slices:h,each:g}=Q(r.batch*r.out_height,c&&u?Math.max(1,Math.round(m)):Math.ceil(m)),[b,v]=[`${n.name}.weight`,`${n.name}.bias`],_=c?t.span(s,b,v,"gradients"):void 0,R=_??t.range(s,b,"gradients"),y=_?R.size/16-l:0;return je(s,R,h,S=>{let A=u?8:I,w=0;for(let k of r.sources){let T=N(k),O=M(T),G={out4:l,shift:W(k),in4:O,first4:w,total4:i,slices:h,rows:g},K=F(r,T.shape[3]);c?s.dispatch(o?Aa:Bt,{x:T,dy:e,partials:S},{params:{...te(r,["batch","height","width"]),...G,slice_vec4s:R.size/16,bias_at:w===0?y:0},constants:{WORKGROUP:A,...o&&{OUT_LANES:Xa(l)}},invocations:p(O,l)*h,workgroup:A,flops:K}):s.dispatch(Oa,{x:T,dy:e,partials:S},{params:{...te(r,["batch","height","width","out_height","out_width"]),...G,kernel:n.kernel,stride:n.stride},invocations:d*O*l*h,flops:K}),w+=O}}),_!==void 0}function Qa(r,e,t){let{rec:a,options:o,out4:s}=r,n=r.batch*r.out_height*r.out_width,{slices:i,each:l}=Q(n,Math.ceil(256/s));je(a,t.range(a,`${o.name}.bias`,"gradients"),i,u=>a.dispatch(Pa,{dy:e,partials:u},{params:{pixels:n,out4:s,slices:i,slice_pixels:l},invocations:s*i}))}var Fn={name:"residual_grad",params:["count","accumulate","activation_y","activation_r"],bindings:{s:"read",r:"read",ds:"read_write",dr:"read_write"},types:{s4:["s"],r4:["r"],gradient4:["ds"],result4:["dr"]},includes:["activation"],updates:["ds"]};function Za(r,e,t){return e==="none"||!t.has(r)}function eo(r,{s:e,r:t,activation:a},o,s){if(s.has(t))return;if(a==="none"){Qe(r,t,o);return}let{gradient:n,accumulate:i}=r.gradientOf(t),l=U(o);r.dispatch(Fn,{s:e,r:t,ds:o,dr:n},{params:{count:l,accumulate:Number(i),activation_y:Ee(a),activation_r:Ee(ee(t))},invocations:l})}var Dn={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"},types:{value4:["x","y"]}},zn={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]},to=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:C(a)/4});function ro(r,e,t,a="up",o=new Set){let[s,n,i,l]=e.shape,u=r.tensor([s,n*2,i*2,l],a,{type:e.type});return r.within(a,()=>{r.dispatch(Dn,{x:e,y:u},{params:to(e),constants:{BILINEAR:+(t==="bilinear")},invocations:U(u)}),o.has(e)?o.add(u):r.gradient(u,c=>qt(r,c,e,t))}),u}function qt(r,e,t,a){let{gradient:o,accumulate:s}=r.gradientOf(t),{activated:n,constants:i}=z(t,e);r.dispatch(zn,{dy:e,activated:n,dx:o},{params:{...to(t),accumulate:Number(s)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:U(t)})}function ao(r,e,t,a,{variant:o="auto",values:s=t.type,withoutGradient:n=new Set,residual:i}={}){let{name:l,kernel:u,stride:c,activation:d}=a,p=Nt(e,a);if(la(e,t,a),i&&i.tensor.shape.join()!==p.join()){let R=P(i.tensor.shape);throw new x(`Cannot record conv2d "${l}": it gives ${P(p)}, the residual is ${R}`)}if(r.training&&t.type!=="f32")throw new x(`Cannot record conv2d "${l}": parameters of f16 are for inference alone`);let f=r.tensor(p,l,{type:s}),m=t.range(r,`${l}.weight`),h=t.range(r,`${l}.bias`),{software:g}=t.adapter,b={rec:r,sources:e,options:a,y:f,weight:m,bias:h,kernel:u,stride:c,software:g,training:r.training,...ia(e,f),...t.type==="f16"?{half:!0}:{}},v=R=>{let y=o==="auto"?fa(t.choices,b,R):o;return da(y,t.adapter,b,R)},_=i&&v("forward")!=="naive"&&(!r.training||Za(i.tensor,d,n))?i.tensor:void 0;return oa(f,_?"none":d),r.within(l,()=>{Ht(r,"forward",()=>{oo(b,{role:"forward",sources:e,target:f,activation:Ee(d),activated:N(e[0]),first4:0,accumulate:!1,residual:_},v("forward"))}),r.gradient(f,R=>{_&&eo(r,{s:f,r:_,activation:d},R,n),Ht(r,"weight-gradient",()=>{Ya(b,R,t,v("weight-gradient"))||Qa(b,R,t)});let y=0;for(let S of e){let A=N(S);Ht(r,"input-gradient",()=>{n.has(A)||qn(b,R,S,y,v("input-gradient"))}),y+=M(A)}})}),i&&!_?Ye(r,i.tensor,f,i.name,n):f}function Ht(r,e,t){r.within(e,t)}function oo(r,e,t){t==="naive"?Ea(r,e):t==="thin"?Na(r,e):Ba(t)?La(r,e,t):t in Ue?ha(r,e,Ue[t]):Va(r,e,at[t])}function qn(r,e,t,a,o){let{rec:s}=r,n=N(t),i="upsampled"in t?s.tensor([r.batch,r.height,r.width,n.shape[3]],`d(${n.name} upsampled)`,{type:e.type}):void 0,{gradient:l,accumulate:u}=i?{gradient:i,accumulate:!1}:s.gradientOf(n),{activated:c,constants:d}=i?{activated:e,constants:{ACTIVATION:0}}:z(n,e);oo(r,{role:"input-gradient",sources:[e],target:l,activation:d.ACTIVATION,activated:c,first4:a,accumulate:u},o),i&&qt(s,i,n,"nearest")}var Hn={name:"fill_holes",params:["count","height","width","c4","channels"],bindings:{x:"read",y:"read_write"},includes:["extremes"]};function so(r,e,t="fillHoles"){let a=r.tensor(e.shape,t),[,o,s,n]=e.shape,i=U(a);return r.within(t,()=>{r.dispatch(Hn,{x:e,y:a},{params:{count:i,height:o,width:s,c4:C(n)/4,channels:n},constants:{WHOLE:1},invocations:i})}),a}var Vn={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"},types:{value4:["x","y"]}},Jn={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]};function no(r,e,t="pool"){let[a,o,s,n]=e.shape,i=C(n)/4,l=r.tensor([a,pe(o,2),pe(s,2),n],t,{type:e.type}),u=r.tensor([U(l)],`${t}.argmax`,{layout:"flat"}),c={batch:a,height:o,width:s,c4:i};return r.within(t,()=>{r.dispatch(Vn,{x:e,y:l,argmax:u},{params:c,invocations:U(l)}),r.gradient(l,d=>{let{gradient:p,accumulate:f}=r.gradientOf(e),{activated:m,constants:h}=z(e,d);r.dispatch(Jn,{dy:d,argmax:u,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:U(e)})})}),l}var io=["values","gradients","moment1","moment2","average"],Vt=256,ot=class{specs;type;length;#e;#r=new Map;#t=new Map;#a=new WeakMap;constructor(e,t,a="f32"){this.#e=e,this.specs=t,this.type=a;let o=0;for(let s of t){let n=lo(s);this.#r.set(s.name,{spec:s,offset:o,length:n}),o=this.#o(o+n)}this.length=o}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,t,a="values"){let{offset:o,length:s}=this.#s(t),n=L[this.type];return{tensor:this.whole(e,a),offset:o*n,size:s*n}}span(e,t,a,o){let s=this.range(e,t,o),n=this.range(e,a,o);return Math.ceil((s.offset+s.size)/Vt)*Vt===n.offset?{...s,size:n.offset+n.size-s.offset}:void 0}whole(e,t){let a=this.#a.get(e);a||this.#a.set(e,a=new Map);let o=a.get(t);return o||(o=e.tensor([this.length],`parameters.${t}`,{layout:"flat",type:this.type,lifetime:"persistent",external:this.#n(t)}),a.set(t,o)),o}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:s}of this.#r.values()){let n=e.get(o.name);if(!n||n.length!==B(o.shape))throw new x(`Cannot upload ${o.name}: it has ${B(o.shape)} values, got ${n?.length??"none"}`);a.set(Yn(n,o),s)}this.#e.write(this.#n(t),0,this.type==="f16"?he(a):a)}async download(e="values"){let t=this.length*L[this.type],{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let s=a.createCommandEncoder();s.copyBufferToBuffer(this.#n(e),0,o,0,t),a.queue.submit([s.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let n=o.getMappedRange(0,t).slice(0),i=this.type==="f16"?fe(new Uint16Array(n)):new Float32Array(n);return new Map([...this.#r.values()].map(({spec:l,offset:u,length:c})=>[l.name,Qn(i.subarray(u,u+c),l)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#o(e){let t=Vt/L[this.type];return Math.ceil(e/t)*t}#s(e){let t=this.#r.get(e);if(!t)throw new x(`Cannot find the parameter ${e}`);return t}#n(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*L[this.type],a),this.#t.set(e,t)}return t}};function Xn(r){return r.reduce((e,t)=>e+C(t),0)}function lo({shape:r,sources:e}){if(r.length===1)return C(r[0]);let[t,a,o,s]=r;return t*a*Xn(e??[o])*C(s)}function Yn(r,e){let{shape:t,sources:a}=e,o=t[t.length-1],s=Je(r,o);if(t.length===1)return s;let n=C(o),i=new Float32Array(lo(e));return co(t,a,(l,u)=>i.set(s.subarray(l*n,(l+1)*n),u*n)),i}function Qn(r,e){let{shape:t,sources:a}=e,o=t[t.length-1];if(t.length===1)return Oe(r,o).slice(0,o);let s=C(o),n=new Float32Array(B(t.slice(0,-1))*s);return co(t,a,(i,l)=>n.set(r.subarray(l*s,(l+1)*s),i*s)),Oe(n,o).slice()}function co(r,e,t){let a=r[0]*r[1],o=0,s=0;for(let n=0;n<a;n++)for(let i of e??[r[2]]){for(let l=0;l<i;l++)t(o++,s+l);s+=C(i)}}var Zn={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"},types:{value:["x","y"],value4:["y"]}},ei={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},types:{source:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]};function uo(r,e,t,a="shuffle"){let[o,s,n,i]=e.shape,l=i/t**2;if(!Number.isInteger(l))throw new x(`Cannot record pixel shuffle "${a}": ${P(e.shape)} has no multiple of ${t**2} channels`);let u=r.tensor([o,s*t,n*t,l],a,{type:e.type}),c={batch:o,height:s,width:n,channels:l,factor:t,x_c4:C(i)/4,y_c4:C(l)/4};return r.within(a,()=>{r.dispatch(Zn,{x:e,y:u},{params:c,invocations:U(u)}),r.gradient(u,d=>{let{gradient:p,accumulate:f}=r.gradientOf(e),{activated:m,constants:h}=z(e,d);r.dispatch(ei,{dy:d,activated:m,dx:p},{params:{...c,accumulate:Number(f)},constants:h,invocations:U(e)})})}),u}var ti={name:"pixel_unshuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}};function po(r,e,t,a="unshuffle"){let[o,s,n,i]=e.shape;if(s%t||n%t)throw new x(`Cannot record pixel unshuffle "${a}": ${P(e.shape)} is no multiple of ${t} each way`);let[l,u]=[s/t,n/t],c=r.tensor([o,l,u,i*t**2],a);return r.within(a,()=>{r.dispatch(ti,{x:e,y:c},{params:{batch:o,height:l,width:u,channels:i,factor:t,x_c4:C(i)/4,y_c4:C(i*t**2)/4},invocations:U(c)})}),c}function Ie(r,e,t="f32"){let a=Z(e),o=new Map(a.nodes.flatMap(s=>s.op==="conv2d"?[[`${s.name}.weight`,s.inChannels]]:[]));return new ot(r,a.parameters.map(s=>({...s,sources:o.get(s.name)})),t)}function Ge(r,e,t,a,o={}){let s=He(t),[,n,i,l]=e.shape;if(n%s||i%s||l!==t.channels)throw new x(`Cannot record the U-Net: the image is ${n}×${i}×${l}, it takes multiples of ${s} and ${t.channels} channels`);let u=Z(t),c=new Map([["image",e]]),d=new Set([e]),p=m=>{let h=c.get(m);if("upsampled"in h)throw new x(`Cannot record the U-Net: ${m} is read by more than a convolution`);return h},f=ri(u);for(let m of u.nodes)if(!c.has(m.output))if(m.op==="conv2d"){let h=m.inputs.map(_=>c.get(_)),g=f.get(m.output),b=g&&{tensor:p(g.inputs[0]),name:g.output},v=ao(r,h,a,m,{...o,withoutGradient:d,residual:b});c.set(g?.output??m.output,v)}else if(m.op==="maxPool")c.set(m.output,no(r,p(m.input),m.output));else if(m.op==="fillHoles"){let h=so(r,p(m.input),m.output);d.add(h),c.set(m.output,h)}else if(m.op==="pixelUnshuffle"){let h=po(r,p(m.input),m.factor,m.output);d.add(h),c.set(m.output,h)}else if(m.op==="addAtExtremes"){let[h,g,b]=m.inputs.map(p);c.set(m.output,na(r,h,g,b,m.extremes,m.output,d))}else if(m.op==="add"){let[h,g]=m.inputs.map(p);c.set(m.output,Ye(r,h,g,m.output,d))}else m.op==="pixelShuffle"?c.set(m.output,uo(r,p(m.input),m.factor,m.output)):m.mode==="nearest"?c.set(m.output,{upsampled:p(m.input)}):c.set(m.output,ro(r,p(m.input),m.mode,m.output,d));return p(u.output)}function ri({nodes:r,output:e}){let t=new Map([[e,1]]);for(let s of r)for(let n of"inputs"in s?s.inputs:[s.input])t.set(n,(t.get(n)??0)+1);let a=new Set(r.flatMap(s=>s.op==="conv2d"?[s.output]:[])),o=r.filter(s=>s.op==="add");return new Map(o.flatMap(s=>{let[,n]=s.inputs;return a.has(n)&&t.get(n)===1?[[n,s]]:[]}))}var Jt=12,ai={name:"squared_norm",params:["count","slice_vec4s","slices"],bindings:{g:"read",partials:"read_write"}},oi={name:"adam",params:["first","count"],jobs:!0,bindings:{now:"uniform",g:"read",norm:"read",p:"read_write",m:"read_write",v:"read_write",average:"read_write"},updates:["p","m","v","average"],includes:["optimiser_step"]};function mo(r,e,t="adam"){return r.within(t,()=>{let a=r.scalars(t,Jt),o=Xt(r,e);return Yt(r,e,{now:a,norm:o},[{first:0,count:U(e.whole(r,"values"))}]),{squaredNorm:o}})}function Xt(r,e){let t=e.whole(r,"gradients"),a=U(t),{slices:o,each:s}=Q(a,1024),n=r.tensor([o*4],"norm partials",{layout:"flat"}),i=r.tensor([4],"squared norm",{layout:"flat",lifetime:"persistent"});return r.dispatch(ai,{g:t,partials:n},{params:{count:a,slice_vec4s:s,slices:o},invocations:o}),ye(r,n,i,o),i}function Yt(r,e,{now:t,norm:a},o){let[s,n,i,l,u]=["gradients","values","moment1","moment2","average"].map(c=>e.whole(r,c));r.dispatchJobs(oi,{now:t,g:s,norm:a,p:n,m:i,v:l,average:u},o,({count:c})=>c)}function fo(r){let{learningRate:e,step:t,beta1:a=.9,beta2:o=.999,epsilon:s=1e-8,decay:n=0,maxNorm:i=0,ema:l=.999,momentum:u=.95}=r;if(!(Number.isInteger(t)&&t>=1))throw new RangeError(`Cannot make a step: step must be a whole number from 1 on, got ${t}`);if(!(e>=0&&e<1/0))throw new RangeError(`Cannot make a step: learningRate must be 0 or more, got ${e}`);let c=d=>1/(1-Math.fround(d)**t);return Float32Array.of(e,a,o,s,c(a),c(o),n,i,l,u,0,0)}var si={name:"scale",params:["count","factor:f32"],bindings:{g:"read_write"},updates:["g"]},ni=16;function ho(r){return 2**Math.round(Math.log2(ni*be(r)))}function go(r,e,t){if(t===1)return;let a=e.whole(r,"gradients"),o=U(a);r.within("gradients",()=>{r.dispatch(si,{g:a},{params:{count:o,factor:1/t},invocations:o})})}var st=["mse","l1","charbonnier","psnr"],ii={name:"loss",params:["count","c4","channels","slice_vec4s","slices","image_vec4s","scale:f32","per_pixel:f32","colour_weight:f32","chroma_weight:f32","gradient_scale:f32"],bindings:{y:"read",goal:"read",weights:"read",sums:"read",squares:"read",dy:"read_write",partials:"read_write"},types:{source4:["y"],result4:["dy"]}},li={name:"loss_errors",params:["images","pixels","c4","slice_pixels","slices","channels","chroma_weight:f32"],bindings:{y:"read",goal:"read",partials:"read_write"},types:{source4:["y"]}},ci=1024,ui=64;function bo(r,e,t,a,{weights:o,colourWeight:s=0,chromaWeight:n=0,total:i,gradientScale:l=1}={}){if(e.shape.join()!==t.shape.join())throw new x(`Cannot record loss: output is ${P(e.shape)}, target is ${P(t.shape)}`);if(ee(e)!=="none")throw new x(`Cannot record loss: ${e.name} has an activation fused into it, whose slope the loss does not know`);if(o&&o.shape[0]<e.shape[0])throw new x(`Cannot record loss: ${o.shape[0]} weights are too few for ${e.shape[0]} images`);let u=e.shape[e.shape.length-1];if(n>0&&u>4)throw new x(`Cannot record loss: the chroma term takes four channels at most, not ${u}`);let c=U(e),{slices:d,each:p}=Q(c,ci),f=r.tensor([d*4],"loss partials",{layout:"flat"}),m=i??r.tensor([4],"loss",{layout:"flat",lifetime:"persistent"});return r.within("loss",()=>{let h=s>0?wo(r,e,t):void 0,g=a==="psnr"?wo(r,e,t,{chromaWeight:n}):void 0;r.dispatch(ii,{y:e,goal:t,weights:o??t,sums:h??t,squares:g??t,dy:r.gradientOf(e).gradient,partials:f},{params:{count:c,c4:C(u)/4,channels:u,slice_vec4s:p,slices:d,image_vec4s:c/e.shape[0],scale:1/be(e),per_pixel:e.shape[0]*u/be(e),colour_weight:s,chroma_weight:n,gradient_scale:l/be(e)},constants:{KIND:st.indexOf(a),COLOUR:+(h!==void 0),CHROMA:+(n>0),WEIGHTED:+(o!==void 0)},invocations:d}),ye(r,f,m,d,i!==void 0)}),m}function wo(r,e,t,a){let o=e.shape[0],s=e.shape[e.shape.length-1],n=C(s)/4,i=a?.chromaWeight??0,l=U(e)/(o*n),{slices:u,each:c}=Q(l,ui),d=o*n,p=r.tensor([u*d*4],"error partials",{layout:"flat"}),f=r.tensor([d*4],"error sums",{layout:"flat"});return r.dispatch(li,{y:e,goal:t,partials:p},{params:{images:o,pixels:l,c4:n,slice_pixels:c,slices:u,channels:s,chroma_weight:i},constants:{SQUARED:+(a!==void 0),CHROMA:+(i>0)},invocations:u*d}),ye(r,p,f,u),f}var di={name:"muon_momentum",params:["first","count"],jobs:!0,bindings:{now:"uniform",g:"read",norm:"read",m:"read_write",x:"read_write"},updates:["m"],includes:["optimiser_step"]},vo={name:"muon_gram",params:["first","gram","rows","width"],jobs:!0,bindings:{x:"read",a:"read_write"},includes:["outer16"],prelude:["WORKGROUP"]},yo={name:"muon_polynomial",params:["gram","width","scale:f32"],jobs:!0,bindings:{a:"read",c:"read_write"},includes:["rows16"],prelude:["WORKGROUP"]},xo={name:"muon_apply",params:["first","gram","rows","width"],jobs:!0,bindings:{x:"read",c:"read",y:"read_write"},includes:["rows16"],prelude:["WORKGROUP"]},pi={registers:{gram:vo,polynomial:yo,apply:xo,invocations:1,tiles:{gram:[16,16],polynomial:[16,4],apply:[16,16]}},subgroups:{gram:{...vo,name:"muon_gram_subgroup",includes:["symmetric_block"]},polynomial:{...yo,name:"muon_polynomial_subgroup",includes:["symmetric_block"]},apply:{...xo,name:"muon_apply_subgroup",includes:["rows8"]},invocations:8,tiles:{gram:[32,32],polynomial:[32,32],apply:[64,32]}}},mi={name:"muon_update",params:["first","count"],jobs:!0,bindings:{now:"uniform",x:"read",p:"read_write",average:"read_write"},updates:["p","average"],includes:["optimiser_step"]},_o=5,fi=.2;function ko(r,e,t,a="adam",o=e.adapter.subgroup===8?"subgroups":"registers"){return r.within(a,()=>{let s=r.scalars(a,Jt),n=Xt(r,e),{matrices:i,gramVec4s:l}=gi(r,e,t),u=wi(r,e,t);return u.length>0&&Yt(r,e,{now:s,norm:n},u),i.length>0&&hi(r,e,{now:s,norm:n},i,l,pi[o]),{squaredNorm:n}})}function hi(r,e,{now:t,norm:a},o,s,n){let i=e.adapter.software?8:I,l={WORKGROUP:i},[u,c,d,p]=["gradients","values","moment1","average"].map(S=>e.whole(r,S)),f=(S,A)=>r.tensor([A],`muon ${S}`,{layout:"flat"}),[m,h]=[f("direction",e.length),f("next direction",e.length)],[g,b]=[f("Gram matrices",4*s),f("polynomials",4*s)],v=o.map(({first:S,rows:A,width:w})=>({first:S,count:A*w}));r.dispatchJobs(di,{now:t,g:u,norm:a,m:d,x:m},v,({count:S})=>S);let _=(S,A,[w,k])=>n.invocations*Math.ceil(S/w)*Math.ceil(A/k),{tiles:R}=n,y={constants:l,workgroup:i};for(let S=0;S<_o;S++){let A=S===_o-1,w=o.map(({first:k,gram:T,rows:O,width:G})=>({first:k,gram:T,rows:O,width:G}));r.dispatchJobs(n.gram,{x:m,a:g},w,({width:k})=>_(4*k,4*k,R.gram),y),r.dispatchJobs(n.polynomial,{a:g,c:b},o.map(({gram:k,width:T,scale:O})=>({gram:k,width:T,scale:A?O:1})),({width:k})=>_(4*k,4*k,R.polynomial),{...y,constants:{...l,FIRST:+(S===0)}}),r.dispatchJobs(n.apply,{x:m,c:b,y:h},w,({rows:k,width:T})=>_(k,4*T,R.apply),y),[m,h]=[h,m]}r.dispatchJobs(mi,{now:t,x:m,p:c,average:p},v,({count:S})=>S)}function gi(r,e,t){let a=0;return{matrices:e.specs.filter(({name:s})=>t.has(s)).map(({name:s,shape:n})=>{let{offset:i,size:l}=e.range(r,s),[u,,c,d]=n,p=C(d)/4,f={first:i/16,rows:l/16/p,width:p,gram:a,scale:fi*Math.sqrt(Math.max(u**2*c,d))};return a+=4*p**2,f}),gramVec4s:a}}function wi(r,e,t){let a=[];for(let{name:o}of e.specs){if(t.has(o))continue;let{offset:s,size:n}=e.range(r,o);a.push({first:s/16,count:n/16})}return a}function So(r,e){let t=0;for(let a=0;a<e.length;a++)t+=(Math.min(Math.max(r[a],0),1)-e[a])**2;return Math.min(-10*Math.log10(t/e.length),60)}var Ro=io.filter(r=>r!=="gradients"),nt=class r{#e;#r;#t;#a;#o;#s;#n=0;#i="empty";#l;constructor(e,t,a,o){let{topology:s}=t;this.#a=e,this.#o=s,this.#s=t,this.#t=a,this.#e=o,this.#r=Ie(e,s)}static async create(e,t){let{topology:a,batch:o,patch:s}=t;bi(t);let{precision:n="f32"}=t;if(n==="f16"&&!e.half)throw new x("Cannot train in f16: the device was opened without it");let i=Ie(e,a),l=new le({training:!0}),u=l.input("x",[o,s,s,a.channels]),c=s*a.scale,d=l.input("target",[o,c,c,a.channels]),p=Ge(l,u,a,i,{values:n}),f=n==="f16"?ho(p):1,h=(t.balance??0)>0?l.scalars("weights",o):void 0,g=l.scalars("total loss",4),{colourWeight:b,chromaWeight:v}=t;bo(l,p,d,t.loss,{weights:h,colourWeight:b,chromaWeight:v,total:g,gradientScale:f}),l.backward(),go(l,i,f);let{squaredNorm:_}=t.optimiser==="muon"?ko(l,i,Ur(a)):mo(l,i);l.output("total loss",g),l.output("squared norm",_);try{let R=await Pe(e,l);return await Promise.all(["total loss","squared norm"].map(y=>R.read(y))),new r(e,t,R,i)}catch(R){throw i[Symbol.dispose](),R}}start(e){let t=new Map([...e].map(([a,o])=>[a,new Float32Array(o.length)]));this.load({values:new Map(e),moment1:t,moment2:t,average:new Map(e)})}load(e){this.#c();for(let t of Ro)this.#e.upload(e[t],t);this.#i="ready",this.#d()}step(e,t){this.#u(e,t),this.#t.run(),this.#n++}async profile(e,t){return this.#u(e,t),this.#n++,await this.#t.profile()}#c(){if(this.#i==="disposed")throw new Error("Cannot train: the Trainer has been disposed of")}#u(e,t){if(this.#c(),this.#i==="empty")throw new Error("Cannot train yet: give start() or load() the parameters first");this.#t.write("x",e.input),this.#t.write("target",e.target);let{batch:a,balance:o=0}=this.#s;o>0&&this.#t.write("weights",yi(e,a,o)),this.#t.write("adam",fo(t))}async look(){this.#c();let e=this.#n,t=Promise.all([this.#t.read("total loss"),this.#t.read("squared norm")]);this.#d();let[[a],[o]]=await t;return{loss:a/e,gradientNorm:Math.sqrt(o)}}async state(){this.#c();let e=Ro.map(async t=>[t,await this.#e.download(t)]);return Object.fromEntries(await Promise.all(e))}async validate(e,t){this.#c();let{channels:a,scale:o}=this.#o,s=t*t*a,n=s*o**2,i=e.input.length/s;if(!(Number.isInteger(i)&&i>=1&&e.target.length===i*n))throw new x(`Cannot validate at ${t}: patches have ${s} values and their targets ${n}, got ${e.input.length} and ${e.target.length} in all`);if(this.#l?.size!==t){this.#l?.plan[Symbol.dispose](),this.#l=void 0;let c=new le({training:!1});c.output("y",Ge(c,c.input("x",[1,t,t,a]),this.#o,this.#r)),this.#l={plan:await Pe(this.#a,c),size:t}}this.#r.upload(await this.#e.download("average"));let{plan:l}=this.#l;l.refresh();let u=0;for(let c=0;c<i;c++){l.write("x",e.input.subarray(c*s,(c+1)*s)),l.run();let d=await l.read("y");u+=So(d,e.target.subarray(c*n,(c+1)*n))}return u/i}async model(e={}){this.#c();let t=await this.#e.download("average");return{topology:this.#o,parameters:t,info:Ve({loss:vi(this.#s),...e})}}#d(){this.#t.write("total loss",new Float32Array(4)),this.#n=0}[Symbol.dispose](){this.#i!=="disposed"&&(this.#i="disposed",this.#l?.plan[Symbol.dispose](),this.#t[Symbol.dispose](),this.#e[Symbol.dispose](),this.#r[Symbol.dispose]())}};function bi(r){let{loss:e,optimiser:t="adam",balance:a=0,colourWeight:o=0,chromaWeight:s=0}=r,{precision:n="f32",topology:i}=r,l=(u,c,d)=>new RangeError(`Cannot train: ${u} must be ${c}, got ${d}`);if(!st.includes(e))throw l("loss",`one of ${st.join(", ")}`,e);if(!Et.includes(t))throw l("optimiser",`one of ${Et.join(", ")}`,t);if(n!=="f32"&&n!=="f16")throw l("precision","f32 or f16",n);if(!(a>=0&&a<=1))throw l("balance","from 0 to 1",a);if(a>0&&i.scale!==1)throw l("balance","0 for a network that enlarges",a);if(!(o>=0&&o<1/0))throw l("colourWeight","0 or more",o);if(!(s>=0&&s<1/0))throw l("chromaWeight","0 or more",s)}function vi({loss:r,colourWeight:e=0,chromaWeight:t=0}){let a=e>0?` + ${e} colour`:"",o=t>0?` + ${t} chroma`:"";return r+a+o}function yi({input:r,target:e},t,a){let o=new Float32Array(Math.ceil(t/4)*4),s=r.length/t;for(let n=0;n<t;n++){let i=0;for(let l=n*s;l<(n+1)*s;l++)i+=(r[l]-e[l])**2;o[n]=(.003/(i/s+5e-4))**a}return o}function To(){return self}function it(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var xi=2e8,_i=2048,lt=class r{paired=!1;photos;skipped;#e;constructor(e,t,a){this.photos=e,this.#e=t,this.skipped=a}static async open(e,t){let a=[],o=[],s=[],n=Math.min(_i,Math.floor(Math.sqrt(xi/Math.max(e.length,1))));for(let[i,l]of e.entries()){let u=l.webkitRelativePath||l.name;try{let{width:c,height:d,rgb:p}=await ki(l,n);a.push({name:u,width:c,height:d}),o.push(p)}catch(c){s.push(`${u}: ${it(c)}`)}t(i+1,e.length)}if(a.length===0)throw new E(`None of the ${e.length} files is a photo that this browser can read; choose PNG, JPEG or WebP files`);return new r(a,o,s)}load(e){return Promise.resolve({high:this.#e[e]})}handle(){throw new Error("Cannot open these photos in another thread")}};async function ki(r,e){let t=await createImageBitmap(r,{imageOrientation:"from-image"}),a=Math.min(1,e/Math.max(t.width,t.height)),[o,s]=[t.width,t.height].map(u=>Math.max(1,Math.round(u*a))),n=new OffscreenCanvas(o,s).getContext("2d",{willReadFrequently:!0});n.imageSmoothingQuality="high",n.drawImage(t,0,0,o,s),t.close();let{data:i}=n.getImageData(0,0,o,s),l=new Uint8Array(o*s*3);for(let u=0,c=0;c<l.length;u+=4,c+=3)l[c]=i[u],l[c+1]=i[u+1],l[c+2]=i[u+2];return{width:o,height:s,rgb:l}}var Si=2,ct=class{topology;#e;#r;#t=new Map;#a=!1;constructor(e,t,a={}){let{precision:o="f32"}=a;if(o==="f16"&&!e.half)throw new x("Cannot run in f16: the device was opened without it");this.topology=t.topology,this.#e=e,this.#r=Ie(e,t.topology,o),this.#r.upload(t.parameters)}async predict(e,t){if(this.#a)throw new x("Cannot run the network: it has been disposed of");let a=this.#o(t);a.uses++;try{let o=await a.plan;if(this.#a)throw new x("Cannot run the network: it has been disposed of");return o.write("image",e),o.run(),await o.read("restored")}finally{a.uses--,this.#n(this.#a?0:Si)}}#o(e){let t=e.join("×"),a=this.#t.get(t),o=a??{plan:this.#s(e),uses:0};return this.#t.delete(t),this.#t.set(t,o),a||o.plan.then(s=>o.built=s,()=>this.#t.delete(t)),o}async#s(e){let t=new le({training:!1});return t.output("restored",Ge(t,t.input("image",e),this.topology,this.#r)),await Pe(this.#e,t)}#n(e){for(let[t,{built:a,uses:o}]of this.#t){if(this.#t.size<=e)break;o>0||(this.#t.delete(t),a?.[Symbol.dispose]())}}[Symbol.dispose](){this.#a=!0,this.#n(0),this.#r[Symbol.dispose]()}};var ut=class extends Error{name="TileTooLargeError"};function Ri(r,e="f32"){return r.software?256:e==="f16"?1448:1024}var dt=class{topology;device;preferredTile;precision;concurrency=2;#e;#r;#t;constructor(e,t,a,o={}){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.precision=o.precision??"f32",this.preferredTile=Ri(e.adapter,this.precision),this.#e=e,this.#r=o.owned??!1,this.#t=new ct(e,{topology:t,parameters:a},{precision:this.precision})}async run(e,t,a){try{return await this.#t.predict(e,[1,t,a,this.topology.channels])}catch(o){let s=await this.#e.loss();throw s?new ie(s.message,{cause:o}):o instanceof q?new ut(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:t,compute:a,download:o}=this.#e.times;return{prepare:e,upload:t,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};function Ao(r){let e=new Uint8ClampedArray(r.length/3*4);for(let t=0,a=0;t<r.length;t+=3,a+=4){for(let o=0;o<3;o++)e[a+o]=255*r[t+o];e[a+3]=255}return e}var Qt=4,Ti=96,Ai=60,pt=class r{#e;#r;#t;#a;constructor(e,t,a){this.#e=e,this.#r=t,this.#t=a;let o=this.#n(t.input);this.#a=o.indexOf(Math.min(...o))}static async draw(e,t){let a=He(t.topology),o=Math.ceil(Ti/a)*a;return new r(t.topology,await kr(e,{...t,count:Qt,size:o}),o)}async measure(e,t){var l=[];try{let a=_e(l,new dt(e,this.#e,t));let{input:o,target:s}=this.#r;let n=new Float32Array(o.length);for(let p=0;p<Qt;p++)n.set(await a.run(this.#s(o,p),this.#t,this.#t),p*this.#o);let i=p=>Ao(this.#s(p,this.#a));return{psnr:{damaged:Oo(this.#n(o)),restored:Oo(this.#n(n))},preview:{size:this.#t,damaged:i(o),restored:i(n),original:i(s)}}}catch(u){var c=u,d=!0}finally{Le(l,c,d)}}get#o(){return this.#t*this.#t*3}#s(e,t){return e.slice(t*this.#o,(t+1)*this.#o)}#n(e){return Array.from({length:Qt},(t,a)=>{let o=0;for(let s=a*this.#o;s<(a+1)*this.#o;s++)o+=(Math.min(Math.max(e[s],0),1)-this.#r.target[s])**2;return Math.min(-10*Math.log10(o/this.#o),Ai)})}};function Oo(r){return r.reduce((e,t)=>e+t,0)/r.length}async function Po({name:r,url:e,bytes:t}){if(t)return Pt(t,r);let a=await fetch(e).catch(o=>{throw new E(`Cannot fetch the model ${r}: ${o.message}`,{cause:o})});if(!a.ok)throw new E(`Cannot fetch the model ${r}: the server answered ${a.status}`);return Pt(new Uint8Array(await a.arrayBuffer()),r)}var Eo="l1",Oi=.05,Pi=2500,Ei=8,ce=To(),Be=!1;ce.onmessage=({data:r})=>{if(r.kind==="stop"){Be=!0;return}Be=!1,Ci(r.training).catch(e=>ce.postMessage({kind:"failed",message:it(e)}))};async function Ci(r){var S=[];try{let{steps:e,batch:t,patch:a,seed:o,lookEvery:s}=r;let n=Rr(r.recipe);let i=await Ui(r);let{topology:l}=i;let u=_e(S,await Cr());let c=await lt.open(r.files,(T,O)=>ce.postMessage({kind:"decoding",done:T,total:O}));let d=Sr(c.photos,Oi,o);let p=new Se(c,{patch:a,batch:t,seed:o,recipe:n,indices:d.train});let f=await pt.draw(c,{indices:d.validation,recipe:n,seed:o,topology:l});let m=_e(S,await nt.create(u,{topology:l,batch:t,patch:a,loss:Eo}).catch(T=>{throw T instanceof q?new E(`${t} patches of ${a}×${a} do not fit into the GPU's memory: choose less`):T}));m.start(i.parameters);ce.postMessage({kind:"ready",device:u.adapter.name,photos:c.photos.length,skipped:c.skipped,parameters:[...i.parameters.values()].reduce((T,{length:O})=>T+O,0)});let h=performance.now();let g=0;let b=0;for(;g<e&&!Be;){if(m.step(await p.batch(g),Dr(g+1,{peak:r.learningRate,steps:e})),g++,await new Promise(V=>setTimeout(V)),g%s!==0&&g<e&&!Be)continue;let{loss:T}=await m.look();if(!Number.isFinite(T))throw new E(`The loss is no longer finite at step ${g}: try a smaller learning rate`);let O=performance.now(),G=g/(O-h)*1e3;if(O<b&&g<e&&!Be){ce.postMessage({kind:"progress",step:g,loss:T,stepsPerSecond:G});continue}let{average:K}=await m.state(),{psnr:H,preview:Y}=await f.measure(u,K);ce.postMessage({kind:"progress",step:g,loss:T,stepsPerSecond:G,psnr:H,preview:Y},[Y.restored.buffer]);let D=performance.now()-O;b=performance.now()+Math.max(Pi,Ei*D)}let{average:v}=await m.state();let{psnr:_}=await f.measure(u,v);let R=Ve({name:"own",recipe:n.text,seed:o,steps:g,loss:Eo,data:`${c.photos.length} photos of one's own`,metrics:{"held-out psnr":Number(_.restored.toFixed(3))},created:new Date().toISOString(),version:rr,note:r.init?`trained in a web page, from the weights of ${r.init.name}`:"trained in a web page"});let y=$r({topology:l,parameters:v,info:R});ce.postMessage({kind:"done",step:g,stopped:g<e,file:y},[y.buffer])}catch(A){var w=A,k=!0}finally{Le(S,w,k)}}async function Ui(r){if(r.init)return await Po(r.init);let e=qe({base:r.base,depth:r.depth});return{topology:e,parameters:Mr(e,r.seed)}}
